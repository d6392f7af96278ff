import { Button, Group, Select, Stack, Text, TextInput } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { type FormEvent, useState } from "react";
import type { Criticality, Lifecycle } from "../../../shared/model/asset.ts";
import type { AssetDetail } from "../../../shared/model/rest.ts";
import { Dialog } from "./dialog.tsx";
import { toSentence } from "./words.ts";
import { useMay, useWrite } from "./write.ts";

const lifecycles: readonly Lifecycle[] = [
  "ordered",
  "in-stock",
  "in-use",
  "missing",
  "in-repair",
  "retired",
  "disposed",
];
const criticalities: readonly Criticality[] = ["low", "normal", "high", "critical"];
const toOptions = (values: readonly string[]) => values.map((value) => ({ value, label: toSentence(value) }));

type Fields = {
  readonly name: string;
  readonly lifecycle: string;
  readonly criticality: string;
  readonly site: string;
};
type Field = keyof Fields;

const fieldsOf = ({ name, lifecycle, criticality, site = "" }: AssetDetail): Fields => ({
  name,
  lifecycle,
  criticality,
  site,
});

const Form = ({ asset, close }: { readonly asset: AssetDetail; readonly close: () => void }) => {
  const before = fieldsOf(asset);
  const [fields, setFields] = useState(before);
  const [released, setReleased] = useState<readonly Field[]>([]);
  const write = useWrite("assets", "changes", "overview");
  const change = (field: Field) => (value: string | null) => setFields((now) => ({ ...now, [field]: value ?? "" }));
  const names = Object.keys(before) as Field[];
  const changed = names.filter((field) => fields[field].trim() !== before[field] && fields[field].trim() !== "");

  const submit = (event: FormEvent) => {
    event.preventDefault();
    const set = Object.fromEntries(changed.map((field) => [field, fields[field].trim()]));
    const release = released.filter((field) => !changed.includes(field));
    const body = { set, ...(release.length > 0 && { release }) };
    write.mutate(
      { method: "PATCH", path: `/assets/${asset.assetId}`, body, version: asset.version },
      { onSuccess: close },
    );
  };

  /** What a person set stays until it is given back to whoever observes. */
  const note = (field: Field) => {
    if (!asset.locked.includes(field)) return undefined;
    if (released.includes(field)) return "Will be filled by observation again";
    return (
      <button type="button" className="text-button" onClick={() => setReleased([...released, field])}>
        Set by hand: give it back to observation
      </button>
    );
  };

  return (
    <form onSubmit={submit}>
      <Stack gap="sm">
        <TextInput
          label="Name"
          maxLength={256}
          value={fields.name}
          description={note("name")}
          onChange={(event) => change("name")(event.currentTarget.value)}
        />
        <Select
          label="Lifecycle"
          data={toOptions(lifecycles)}
          allowDeselect={false}
          value={fields.lifecycle}
          onChange={change("lifecycle")}
          description={note("lifecycle")}
        />
        <Select
          label="Criticality"
          data={toOptions(criticalities)}
          allowDeselect={false}
          value={fields.criticality}
          onChange={change("criticality")}
          description={note("criticality")}
        />
        <TextInput
          label="Place"
          maxLength={256}
          value={fields.site}
          description={note("site")}
          onChange={(event) => change("site")(event.currentTarget.value)}
        />
        <Text size="sm" c="dimmed">
          What you set here is kept: no observation overwrites it until you give it back.
        </Text>
        <Group justify="flex-end">
          <Button variant="default" onClick={close}>
            Cancel
          </Button>
          <Button type="submit" loading={write.isPending} disabled={changed.length + released.length === 0}>
            Save
          </Button>
        </Group>
      </Stack>
    </form>
  );
};

export const AssetEdit = ({ asset }: { readonly asset: AssetDetail }) => {
  const [opened, { open, close }] = useDisclosure();
  if (!useMay("asset-manager")) return null;
  return (
    <>
      <Button size="sm" variant="default" onClick={open}>
        Edit …
      </Button>
      <Dialog title={`Edit ${asset.name}`} opened={opened} close={close}>
        <Form asset={asset} close={close} />
      </Dialog>
    </>
  );
};
