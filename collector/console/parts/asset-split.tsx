import { Button, Checkbox, Group, Stack, Text } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { useState } from "react";
import type { AssetDetail } from "../../../shared/model/asset-detail.ts";
import type { AssetIdentity } from "../../../shared/model/identity.ts";
import { Dialog } from "./dialog.tsx";
import { toWords } from "./words.ts";
import { useWrite } from "./write.ts";

type Key = AssetIdentity["keys"][number];
export const keyId = ({ kind, realm, vendor, value }: Key): string => `${kind} ${realm} ${vendor ?? ""} ${value}`;

const Form = ({
  asset,
  keys,
  close,
}: {
  readonly asset: AssetDetail;
  readonly keys: readonly Key[];
  readonly close: () => void;
}) => {
  const [chosen, setChosen] = useState<ReadonlySet<string>>(new Set());
  const write = useWrite("assets", "overview", "changes", "incidents");
  // What came with a joined asset goes back by undoing the join.
  const own = keys.filter(({ learnedOf }) => learnedOf === undefined);
  const toggle = (id: string) =>
    setChosen((now) => (now.has(id) ? new Set([...now].filter((one) => one !== id)) : new Set([...now, id])));
  const split = () => {
    const body = {
      keys: own
        .filter((key) => chosen.has(keyId(key)))
        .map(({ kind, value, vendor }) => ({ kind, value, ...(vendor !== undefined && { vendor }) })),
    };
    const done = "An asset of its own now: the decision leads to it, and can be undone";
    write.mutate({ path: `/assets/${asset.assetId}/split`, body, done }, { onSuccess: close });
  };
  return (
    <Stack gap="sm">
      <Text size="sm">
        Which keys are another device's? They, and all that spoke of them, become an asset of their own.
      </Text>
      <div className="choices">
        {own.map((key) => (
          <Checkbox
            key={keyId(key)}
            checked={chosen.has(keyId(key))}
            onChange={() => toggle(keyId(key))}
            label={
              <>
                {toWords(key.kind)} <span className="mono">{key.value}</span>
              </>
            }
          />
        ))}
      </div>
      <Text size="sm" c="dimmed">
        No rule joins the two again. It can be undone.
      </Text>
      <Group justify="flex-end">
        <Button variant="default" onClick={close}>
          Cancel
        </Button>
        <Button disabled={chosen.size === 0 || chosen.size === keys.length} loading={write.isPending} onClick={split}>
          Split off
        </Button>
      </Group>
    </Stack>
  );
};

export const AssetSplit = ({ asset, keys }: { readonly asset: AssetDetail; readonly keys: readonly Key[] }) => {
  const [opened, { open, close }] = useDisclosure();
  if (keys.length < 2) return null;
  return (
    <>
      <Button size="sm" variant="default" onClick={open}>
        Split off …
      </Button>
      <Dialog title={`Split ${asset.name}`} opened={opened} close={close}>
        <Form asset={asset} keys={keys} close={close} />
      </Dialog>
    </>
  );
};
