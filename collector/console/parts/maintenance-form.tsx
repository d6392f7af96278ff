import { Group, MultiSelect, NumberInput, SegmentedControl, Stack, Text, TextInput } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import type { Occurrence, Window } from "../../../shared/model/policy.ts";
import type { DeviceType } from "../../../shared/protocol/device-types.ts";
import { ApiError, client } from "../client.ts";
import { FormEnd } from "./form-end.tsx";
import { formatOccurrence } from "./occurrence.ts";
import { toSentence, typeLabel } from "./words.ts";

const days = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"] as const;
/** Named again, since the model's module would bring zod into the page; the compiler sees when one is missing. */
const deviceTypes = Object.keys({
  server: 0,
  desktop: 0,
  laptop: 0,
  "virtual-machine": 0,
  container: 0,
  hypervisor: 0,
  switch: 0,
  router: 0,
  firewall: 0,
  "access-point": 0,
  "wireless-controller": 0,
  printer: 0,
  ups: 0,
  pdu: 0,
  storage: 0,
  camera: 0,
  phone: 0,
  mobile: 0,
  sensor: 0,
  modem: 0,
  olt: 0,
  radio: 0,
  "load-balancer": 0,
  "management-controller": 0,
  media: 0,
  appliance: 0,
  iot: 0,
  unknown: 0,
} satisfies Record<DeviceType, 0>) as DeviceType[];
type Weekly = Extract<Window, { kind: "weekly" }>;
const HOUR_MS = 3_600_000;

/** What a field of date and time holds: local to the browser, without a zone. */
const toLocal = (timestamp: string): string => {
  const at = new Date(timestamp);
  const pad = (n: number) => String(n).padStart(2, "0");
  return `${at.getFullYear()}-${pad(at.getMonth() + 1)}-${pad(at.getDate())}T${pad(at.getHours())}:${pad(at.getMinutes())}`;
};

type Fields = {
  readonly kind: Window["kind"];
  readonly name: string;
  readonly from: string;
  readonly to: string;
  readonly days: readonly string[];
  readonly at: string;
  readonly hours: number;
  readonly types: readonly string[];
  readonly realms: readonly string[];
};

const toFields = (window: Window | undefined): Fields => {
  const { match = {}, name = "", kind = "once" } = window ?? {};
  const weekly = window?.kind === "weekly" ? window : undefined;
  const once = window?.kind === "once" ? window : undefined;
  return {
    ...{ kind, name, types: match.deviceTypes ?? [], realms: match.realms ?? [] },
    ...{ from: once ? toLocal(once.from) : "", to: once ? toLocal(once.to) : "" },
    ...{ days: weekly?.days ?? [], at: weekly?.at ?? "22:00", hours: (weekly?.durationMs ?? 2 * HOUR_MS) / HOUR_MS },
  };
};

/** The window that the fields make; undefined while something is left to fill in. What the form does not show is kept. */
const toWindow = (fields: Fields, before: Window | undefined): Window | undefined => {
  const { kind, name, from, to, at, hours } = fields;
  const assetIds = before?.match.assetIds;
  const base = {
    name: name.trim(),
    match: {
      ...(fields.realms.length > 0 ? { realms: [...fields.realms] } : {}),
      ...(fields.types.length > 0
        ? { deviceTypes: [...fields.types] as NonNullable<Window["match"]["deviceTypes"]> }
        : {}),
      ...(assetIds === undefined ? {} : { assetIds }),
    },
  };
  if (base.name === "") return undefined;
  if (kind === "once")
    return from === "" || to === ""
      ? undefined
      : { kind, ...base, from: new Date(from).toISOString(), to: new Date(to).toISOString() };
  const chosen = days.filter((day) => fields.days.includes(day)) as Weekly["days"];
  return chosen.length === 0 || at === "" || !(hours > 0)
    ? undefined
    : { kind, ...base, days: chosen, at, durationMs: Math.round(hours * HOUR_MS) };
};

const browserZone = Intl.DateTimeFormat().resolvedOptions().timeZone;

/** When it would be open, as the collector reckons it: in the policy's zone, and in the reader's where that is another. */
const Preview = ({ window, timeZone }: { readonly window: Window | undefined; readonly timeZone: string }) => {
  const [asked] = useDebouncedValue(window, 300);
  const { data, error } = useQuery({
    queryKey: ["policy", "preview", asked],
    enabled: asked !== undefined,
    placeholderData: keepPreviousData,
    retry: false,
    queryFn: () => client.write<{ readonly next: readonly Occurrence[] }>("POST", "/policy/maintenance/preview", asked),
  });
  if (asked === undefined) return null;
  const fault = error instanceof ApiError ? (error.problem?.detail ?? error.message) : error?.message;
  return (
    <div aria-live="polite">
      <Text size="sm" fw={600}>
        Open next
      </Text>
      {fault !== undefined ? (
        <Text size="sm" c="red">
          {fault}
        </Text>
      ) : data?.next.length === 0 ? (
        <Text size="sm">Never: it is over.</Text>
      ) : (
        <ul className="plain">
          {data?.next.map((one) => (
            <li key={one.from}>
              {formatOccurrence(one, timeZone)}
              {browserZone !== timeZone && <span className="sub"> ({formatOccurrence(one, browserZone)} for you)</span>}
            </li>
          ))}
        </ul>
      )}
    </div>
  );
};

const WeeklyFields = ({
  fields,
  set,
  timeZone,
}: {
  readonly fields: Fields;
  readonly set: (change: Partial<Fields>) => void;
  readonly timeZone: string;
}) => (
  <>
    <MultiSelect
      label="Days on which it begins"
      data={days.map((value) => ({ value, label: toSentence(value) }))}
      value={[...fields.days]}
      onChange={(chosen) => set({ days: chosen })}
    />
    <Group grow align="flex-start">
      <TextInput
        type="time"
        label={`At (${timeZone})`}
        value={fields.at}
        onChange={(event) => set({ at: event.currentTarget.value })}
      />
      <NumberInput
        label="For so many hours"
        min={0.25}
        max={168}
        step={0.5}
        value={fields.hours}
        onChange={(value) => set({ hours: Number(value) })}
      />
    </Group>
  </>
);

const OnceFields = ({ fields, set }: { readonly fields: Fields; readonly set: (change: Partial<Fields>) => void }) => (
  <Group grow align="flex-start">
    {(["from", "to"] as const).map((end) => (
      <TextInput
        key={end}
        type="datetime-local"
        label={`${toSentence(end)} (${browserZone})`}
        value={fields[end]}
        onChange={(event) => set({ [end]: event.currentTarget.value })}
      />
    ))}
  </Group>
);

/** One maintenance window, new or as it is, with when it would be open. */
export const WindowForm = ({
  initial,
  timeZone,
  pending,
  save,
  close,
}: {
  readonly initial: Window | undefined;
  readonly timeZone: string;
  readonly pending: boolean;
  readonly save: (window: Window) => void;
  readonly close: () => void;
}) => {
  const [fields, setFields] = useState(() => toFields(initial));
  const set = (change: Partial<Fields>) => setFields((before) => ({ ...before, ...change }));
  const window = toWindow(fields, initial);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (window) save(window);
  };
  return (
    <form onSubmit={submit}>
      <Stack gap="sm">
        <TextInput
          data-autofocus
          label="Name"
          maxLength={128}
          value={fields.name}
          onChange={(event) => set({ name: event.currentTarget.value })}
        />
        <SegmentedControl
          aria-label="How often"
          value={fields.kind}
          onChange={(kind) => set({ kind: kind === "weekly" ? "weekly" : "once" })}
          data={[
            { value: "once", label: "Once" },
            { value: "weekly", label: "Every week" },
          ]}
        />
        {fields.kind === "once" ? (
          <OnceFields fields={fields} set={set} />
        ) : (
          <WeeklyFields fields={fields} set={set} timeZone={timeZone} />
        )}
        <MultiSelect
          label="Kinds of device"
          placeholder={fields.types.length === 0 ? "All" : ""}
          searchable
          data={deviceTypes.map((value) => ({ value, label: typeLabel(value) }))}
          value={[...fields.types]}
          onChange={(types) => set({ types })}
        />
        <TextInput
          label="Realms"
          description="Names with commas between them; all if left empty"
          value={fields.realms.join(", ")}
          maxLength={1_000}
          onChange={(event) =>
            set({ realms: event.currentTarget.value === "" ? [] : event.currentTarget.value.split(/,\s*/) })
          }
        />
        <Preview window={window} timeZone={timeZone} />
      </Stack>
      <FormEnd close={close} button="Save" loading={pending} disabled={window === undefined} />
    </form>
  );
};
