import { ActionIcon, Button, Group, NumberInput, Select, Stack, Text, TextInput } from "@mantine/core";
import { IconTrash } from "@tabler/icons-react";
import { useMutation, useQuery } from "@tanstack/react-query";
import { useState } from "react";
import type { IdentityDryRun, IdentityRules } from "../../../shared/model/identity.ts";
import { client } from "../client.ts";
import { queries } from "../queries.ts";
import { AssetLink } from "./links.tsx";
import { Panel } from "./page.tsx";
import { Failed, Loading } from "./states.tsx";
import { formatCount } from "./value.ts";
import { toWords } from "./words.ts";
import { useMay, useWrite } from "./write.ts";

type Ignored = IdentityRules["ignore"][number];

const kinds = [
  "serial",
  "hardwareUuid",
  "machineId",
  "engineId",
  "chassisMac",
  "mac",
  "lldpChassisId",
  "fqdn",
  "hostname",
] as const;
const MAX_SHOWN = 12;

const Name = ({ assetId }: { readonly assetId: string }) => {
  const { data } = useQuery(queries.asset(assetId));
  return <AssetLink assetId={assetId}>{data?.name ?? assetId.slice(0, 12)}</AssetLink>;
};

const More = ({ n }: { readonly n: number }) =>
  n > MAX_SHOWN ? <li className="dimmed">and {n - MAX_SHOWN} more</li> : null;

/** What would be otherwise, by the assets of today. */
const Outcome = ({ result: { observations, merges, splits, changes } }: { readonly result: IdentityDryRun }) => (
  <div className="outcome" role="status">
    <strong>
      {merges.length + splits.length + changes.length === 0
        ? "Nothing would be otherwise"
        : `${merges.length} would merge, ${splits.length} would split, ${changes.length} would be of other observations`}
    </strong>
    <div className="sub">by {formatCount(observations)} kept observations; nothing was written</div>
    <ul className="plain">
      {merges.slice(0, MAX_SHOWN).map((group) => (
        <li key={`m${group.join()}`}>
          One asset:{" "}
          {group.slice(0, 6).map((assetId, i) => (
            <span key={assetId}>
              {i > 0 && ", "}
              <Name assetId={assetId} />
            </span>
          ))}
          {group.length > 6 && ` and ${group.length - 6} more`}
        </li>
      ))}
      <More n={merges.length} />
      {splits.slice(0, MAX_SHOWN).map(({ assetId, parts }) => (
        <li key={`s${assetId}`}>
          {parts} assets instead of one: <Name assetId={assetId} />
        </li>
      ))}
      <More n={splits.length} />
      {changes.slice(0, MAX_SHOWN).map((assetId) => (
        <li key={`c${assetId}`}>
          Made of more or fewer observations: <Name assetId={assetId} />
        </li>
      ))}
      <More n={changes.length} />
    </ul>
  </div>
);

const AddKey = ({ add }: { readonly add: (key: Ignored) => void }) => {
  const [kind, setKind] = useState<Ignored["kind"]>("serial");
  const [value, setValue] = useState("");
  const [vendor, setVendor] = useState("");
  return (
    <div className="add-key">
      <Select
        label="Kind of key"
        data={kinds.map((one) => ({ value: one, label: toWords(one) }))}
        allowDeselect={false}
        value={kind}
        onChange={(next) => setKind((next ?? "serial") as Ignored["kind"])}
      />
      <TextInput label="Value" maxLength={256} value={value} onChange={(e) => setValue(e.currentTarget.value)} />
      <TextInput
        label="Vendor (serials)"
        maxLength={256}
        value={vendor}
        onChange={(e) => setVendor(e.currentTarget.value)}
      />
      <Button
        variant="default"
        disabled={value.trim() === ""}
        onClick={() => {
          const by = vendor.trim().toLowerCase();
          add({ kind, value: value.trim(), ...(by !== "" && { vendor: by }) });
          setValue("");
        }}
      >
        Add
      </Button>
    </div>
  );
};

const Form = ({ today }: { readonly today: IdentityRules }) => {
  const [rules, setRules] = useState(today);
  const trial = useMutation({
    mutationFn: (changed: IdentityRules) => client.write<IdentityDryRun>("POST", "/identity/dry-run", changed),
  });
  const save = useWrite("identityRules", "assets");
  const [mayTry, maySave] = [useMay("asset-manager"), useMay("administrator")];
  const isChanged = JSON.stringify(rules) !== JSON.stringify(today);
  const isTried = JSON.stringify(trial.variables) === JSON.stringify(rules) && trial.isSuccess;
  return (
    <Stack gap="sm">
      <NumberInput
        label="An address stays with who had it, hours"
        description="When nobody says more. Shorter: two devices share an address sooner without being taken for one."
        min={1}
        max={720}
        allowDecimal={false}
        disabled={!mayTry}
        value={rules.leaseHours}
        onChange={(hours) => setRules({ ...rules, leaseHours: Number(hours) || 1 })}
        className="narrow"
      />
      <div>
        <Text size="sm" fw={500}>
          Keys that say nothing here
        </Text>
        <Text size="xs" c="dimmed">
          Beside the placeholders known everywhere: an image's serial, a dock's MAC.
        </Text>
        <ul className="plain">
          {rules.ignore.map((key) => (
            <li key={JSON.stringify(key)}>
              {toWords(key.kind)} <span className="mono">{key.value}</span>
              {key.vendor !== undefined && ` (${key.vendor})`}{" "}
              {mayTry && (
                <ActionIcon
                  variant="subtle"
                  color="gray"
                  size="sm"
                  aria-label={`Remove ${key.value}`}
                  onClick={() => setRules({ ...rules, ignore: rules.ignore.filter((one) => one !== key) })}
                >
                  <IconTrash size={14} />
                </ActionIcon>
              )}
            </li>
          ))}
          {rules.ignore.length === 0 && <li className="dimmed">None</li>}
        </ul>
      </div>
      {mayTry && <AddKey add={(key) => setRules({ ...rules, ignore: [...rules.ignore, key] })} />}
      {mayTry && (
        <Group gap="xs">
          <Button variant="default" loading={trial.isPending} onClick={() => trial.mutate(rules)}>
            Try: what would be otherwise?
          </Button>
          {maySave && (
            <Button
              disabled={!isChanged}
              loading={save.isPending}
              onClick={() => save.mutate({ method: "PUT", path: "/identity/rules", body: rules, done: "In force" })}
            >
              {isChanged && !isTried ? "Save untried" : "Save"}
            </Button>
          )}
        </Group>
      )}
      {trial.error && <Failed error={trial.error} />}
      {isTried && trial.data && <Outcome result={trial.data} />}
    </Stack>
  );
};

/** A site's own rules of identity: tried on what is kept, then saved. */
export const IdentityRulesPanel = () => {
  const { data, error, refetch } = useQuery(queries.identityRules());
  return (
    <Panel title="Rules">
      {error && !data ? (
        <Failed error={error} retry={() => void refetch()} />
      ) : data ? (
        <Form key={JSON.stringify(data)} today={data} />
      ) : (
        <Loading rows={4} />
      )}
    </Panel>
  );
};
