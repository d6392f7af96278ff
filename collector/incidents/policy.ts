import { z } from "zod";
import { RollcallError } from "../../shared/errors.ts";
import { type IncidentKind, incidentKindSchema } from "../../shared/model/incident.ts";

const clockTime = z.string().regex(/^([01]\d|2[0-3]):[0-5]\d$|^24:00$/, "expected HH:MM");
const handling = z.enum(["ticket", "notice", "nothing"]);
const minutes = z.number().positive();

/** What each kind becomes, unless said otherwise: a ticket asks somebody to act, a notice is listed and asks nobody. */
const defaults: Record<IncidentKind, z.infer<typeof handling>> = {
  "device-missing": "ticket",
  "agent-silent": "ticket",
  "segment-unreachable": "ticket",
  "unknown-device": "notice",
  "device-moved": "notice",
  "component-removed": "ticket",
  "component-replaced": "ticket",
  "duplicate-address": "ticket",
  "identity-conflict": "ticket",
  "came-back-changed": "ticket",
  "clock-wrong": "notice",
  "evidence-refused": "notice",
};

export const incidentPolicySchema = z
  .strictObject({
    /** Per kind: "ticket", "notice" or "nothing". */
    handling: z.partialRecord(incidentKindSchema, handling).default({}),
    /** Targets by priority 1 to 5, in minutes of business hours. */
    responseMinutes: z.array(minutes).length(5).default([15, 30, 120, 480, 960]),
    resolutionMinutes: z.array(minutes).length(5).default([240, 480, 1_440, 2_880, 4_800]),
    businessHours: z
      .strictObject({
        days: z.array(z.enum(["mon", "tue", "wed", "thu", "fri", "sat", "sun"])).min(1),
        from: clockTime,
        to: clockTime,
      })
      .default({ days: ["mon", "tue", "wed", "thu", "fri", "sat", "sun"], from: "00:00", to: "24:00" }),
  })
  .superRefine((policy, context) => {
    const refuse = (path: PropertyKey[], message: string) => context.addIssue({ code: "custom", path, message });
    if (policy.businessHours.from >= policy.businessHours.to)
      refuse(["businessHours", "to"], `business hours end (${policy.businessHours.to}) before they begin`);
    for (const field of ["responseMinutes", "resolutionMinutes"] as const)
      for (const [i, target] of policy[field].entries())
        if (target < (policy[field][i - 1] ?? 0))
          refuse([field, i], `priority ${i + 1} would have less time than priority ${i}, which is more urgent`);
    for (const [i, response] of policy.responseMinutes.entries())
      if (response > (policy.resolutionMinutes[i] ?? 0))
        refuse(["responseMinutes", i], `priority ${i + 1} would have to be resolved before it is answered`);
  });
export type IncidentPolicy = z.infer<typeof incidentPolicySchema>;

export const defaultIncidentPolicy: IncidentPolicy = incidentPolicySchema.parse({});

export const handlingOf = (policy: IncidentPolicy, kind: IncidentKind): z.infer<typeof handling> =>
  policy.handling[kind] ?? defaults[kind];

/** @throws RollcallError `policy.invalid` with every fault. */
export const parseIncidentPolicy = (input: unknown): IncidentPolicy => {
  const parsed = incidentPolicySchema.safeParse(input ?? {});
  if (parsed.success) return parsed.data;
  const faults = parsed.error.issues.map((issue) => `${issue.path.join(".") || "policy"}: ${issue.message}`);
  throw new RollcallError("policy.invalid", `incident policy refused: ${faults.join("; ")}`);
};
