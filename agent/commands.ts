import { isRollcallError } from "../shared/errors.ts";
import type { Command } from "../shared/protocol/envelope.ts";
import type { Method } from "../shared/protocol/observation.ts";
import { methodSchema } from "../shared/protocol/observation.ts";
import type { AgentConfig, ScopeConfig } from "./config.ts";
import { parseTargets, type Targets } from "./probes/sweep/targets.ts";

/** A command as the agent's own file lets it be carried out, or why not. */
export type Judged =
  | { readonly status: "refused"; readonly reason: string }
  | { readonly status: "inventory" }
  | {
      readonly status: "look";
      readonly scope: ScopeConfig;
      readonly targets: readonly string[];
      readonly methods: readonly Method[] | undefined;
    }
  | { readonly status: "snmp"; readonly scope: ScopeConfig; readonly targets: readonly string[] };

const MAX_ADDRESSES = 1_024;
const noNames = async (): Promise<readonly string[]> => [];

const refused = (reason: string): Judged => ({ status: "refused", reason });

/** Every address asked for lies inside the scope. Names are not resolved: a name server must not widen a scope. */
const outside = async (asked: readonly string[], scope: ScopeConfig): Promise<string | undefined> => {
  let wanted: Targets;
  let allowed: Targets;
  try {
    wanted = await parseTargets(asked, [], noNames);
    allowed = await parseTargets(scope.targets, scope.exclude, noNames);
  } catch (error) {
    if (!isRollcallError(error)) throw error;
    return "the targets are not addresses, ranges or networks";
  }
  if (wanted.size4 > MAX_ADDRESSES) return `more than ${MAX_ADDRESSES} addresses at once`;
  for (let i = 0; i < wanted.size4; i++)
    if (!allowed.contains(wanted.at4(i))) return `${wanted.at4(i)} is outside the scope "${scope.name}"`;
  for (const { address, length } of wanted.prefixes6)
    if (length !== 128 || !allowed.contains(address))
      return `${address}/${length} is outside the scope "${scope.name}"`;
  return undefined;
};

/** Says what a command may do here. Pure but for parsing; the ceiling is the agent's own file and nothing else. */
export const judgeCommand = async (
  { action, expiresAtMs }: Command,
  config: Pick<AgentConfig, "commands" | "inventory" | "scopes">,
  nowMs: number,
): Promise<Judged> => {
  if (expiresAtMs <= nowMs) return refused("it had expired when it arrived");
  if (!config.commands[action.kind]) return refused(`commands.${action.kind} is off in the agent's configuration`);
  if (action.kind === "inventory")
    return config.inventory.enabled ? { status: "inventory" } : refused("inventory.enabled is off");
  const scope = config.scopes.find(({ name }) => name === action.scope);
  if (scope === undefined) return refused(`there is no scope "${action.scope}" in the agent's configuration`);
  const fault = await outside(action.targets, scope);
  if (fault !== undefined) return refused(fault);
  if (action.kind === "snmp")
    return scope.snmp === undefined
      ? refused(`scope "${scope.name}" has no snmp section`)
      : { status: "snmp", scope, targets: action.targets };
  const methods = action.methods.map((name) => methodSchema.safeParse(name).data);
  const wrong = action.methods.find(
    (_, i) => methods[i] === undefined || !(scope.methods?.includes(methods[i]) ?? true),
  );
  if (wrong !== undefined) return refused(`method "${wrong}" is not allowed in scope "${scope.name}"`);
  const chosen = methods.filter((method) => method !== undefined);
  return { status: "look", scope, targets: action.targets, methods: chosen.length > 0 ? chosen : scope.methods };
};
