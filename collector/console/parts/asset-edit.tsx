import { Button, Select, Stack, Text, TextInput } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { type FormEvent, useState } from "react";
import type { Criticality, Lifecycle } from "../../../shared/model/asset.ts";
import type { AssetDetail } from "../../../shared/model/asset-detail.ts";
import type { BookField } from "../../../shared/model/book.ts";
import { BookInput, bookNames, isBookName } from "./book.tsx";
import { Dialog } from "./dialog.tsx";
import { FormEnd } from "./form-end.tsx";
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

/** Fields that observation fills too, or that always have a value. */
const observed = ["name", "lifecycle", "criticality", "site"] as const;
type Observed = (typeof observed)[number];
type Field = Observed | BookField;
type Fields = Readonly<Record<Field, string>>;

const names: readonly Field[] = [...observed, ...bookNames];
const fieldsOf = (asset: AssetDetail): Fields =>
  Object.fromEntries(names.map((name) => [name, asset[name] ?? ""])) as Fields;

/** What an edit comes to: an emptied field of the book is released, an emptied one of the others is left as it was. */
const toEdit = (before: Fields, fields: Fields, released: readonly Field[]) => {
  const moved = names.filter((name) => fields[name].trim() !== before[name]);
  const set = moved.filter((name) => fields[name].trim() !== "");
  const emptied = moved.filter((name) => isBookName(name) && fields[name].trim() === "");
  return {
    set: Object.fromEntries(set.map((name) => [name, fields[name].trim()])),
    release: [...released.filter((name) => !set.includes(name)), ...emptied],
  };
};

const Form = ({ asset, close }: { readonly asset: AssetDetail; readonly close: () => void }) => {
  const before = fieldsOf(asset);
  const [fields, setFields] = useState(before);
  const [released, setReleased] = useState<readonly Observed[]>([]);
  const write = useWrite("assets", "changes", "overview");
  const change = (field: Field) => (value: string | null) => setFields((now) => ({ ...now, [field]: value ?? "" }));
  const { set, release } = toEdit(before, fields, released);

  const submit = (event: FormEvent) => {
    event.preventDefault();
    const body = { set, ...(release.length > 0 && { release }) };
    write.mutate(
      { method: "PATCH", path: `/assets/${asset.assetId}`, body, version: asset.version },
      { onSuccess: close },
    );
  };

  /** What a person set stays until it is given back to whoever observes. */
  const note = (field: Observed) => {
    if (!asset.locked.includes(field)) return undefined;
    if (released.includes(field)) return "Will be filled by observation again";
    return (
      <button type="button" className="text-button" onClick={() => setReleased([...released, field])}>
        Set by hand: give it back to observation
      </button>
    );
  };
  const line = (field: "name" | "site") => (
    <TextInput
      label={toSentence(field)}
      maxLength={256}
      value={fields[field]}
      description={note(field)}
      onChange={(event) => change(field)(event.currentTarget.value)}
    />
  );
  const choice = (field: "lifecycle" | "criticality", values: readonly string[]) => (
    <Select
      label={toSentence(field)}
      data={toOptions(values)}
      allowDeselect={false}
      value={fields[field]}
      onChange={change(field)}
      description={note(field)}
    />
  );

  return (
    <form onSubmit={submit}>
      <Stack gap="sm">
        <div className="book-form">
          {line("name")}
          {line("site")}
          {choice("lifecycle", lifecycles)}
          {choice("criticality", criticalities)}
          {bookNames.map((name) => (
            <BookInput key={name} name={name} value={fields[name]} onChange={change(name)} />
          ))}
        </div>
        <Text size="sm" c="dimmed">
          What you set here is kept: no observation overwrites it until you empty it or give it back.
        </Text>
      </Stack>
      <FormEnd
        close={close}
        button="Save"
        loading={write.isPending}
        disabled={Object.keys(set).length + release.length === 0}
      />
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
      <Dialog title={`Edit ${asset.name}`} opened={opened} close={close} size="lg">
        <Form asset={asset} close={close} />
      </Dialog>
    </>
  );
};
