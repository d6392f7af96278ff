import { Button, Group, Stack, Text, TextInput } from "@mantine/core";
import { useDebouncedValue, useDisclosure } from "@mantine/hooks";
import { useInfiniteQuery } from "@tanstack/react-query";
import { useState } from "react";
import type { Asset } from "../../../shared/model/asset.ts";
import type { AssetDetail } from "../../../shared/model/asset-detail.ts";
import { queries, rowsOf } from "../queries.ts";
import { Dialog } from "./dialog.tsx";
import { useWrite } from "./write.ts";

const MAX_SHOWN = 8;

const toText = ({ primaryAddress, primaryMac, serialNumber }: Asset): string =>
  [primaryAddress, primaryMac, serialNumber].filter(Boolean).join(" · ");

const Choice = ({ asset, chosen, choose }: { asset: Asset; chosen: boolean; choose: () => void }) => (
  <button type="button" className={chosen ? "choice chosen" : "choice"} aria-pressed={chosen} onClick={choose}>
    <strong>{asset.name}</strong>
    <span className="sub">{toText(asset)}</span>
  </button>
);

const Form = ({ asset, close }: { readonly asset: AssetDetail; readonly close: () => void }) => {
  const [text, setText] = useState("");
  const [other, setOther] = useState<Asset>();
  const [q] = useDebouncedValue(text.trim(), 300);
  const query = useInfiniteQuery({ ...queries.assets({ q }), enabled: q !== "" });
  const write = useWrite("assets", "overview", "changes", "incidents");
  const found = q === "" ? [] : rowsOf(query.data).filter(({ assetId }) => assetId !== asset.assetId);
  const merge = () =>
    other &&
    write.mutate(
      {
        path: `/assets/${asset.assetId}/merge`,
        body: { otherAssetId: other.assetId },
        done: `${other.name} is part of ${asset.name} now; Undo stands with the decision`,
      },
      { onSuccess: close },
    );
  return (
    <Stack gap="sm">
      <TextInput
        label="The other asset"
        placeholder="Name, address, serial, or a query"
        data-autofocus
        spellCheck={false}
        maxLength={256}
        value={text}
        onChange={(event) => {
          setText(event.currentTarget.value);
          setOther(undefined);
        }}
        error={query.error ? query.error.message : undefined}
      />
      <div className="choices">
        {found.slice(0, MAX_SHOWN).map((one) => (
          <Choice key={one.assetId} asset={one} chosen={one.assetId === other?.assetId} choose={() => setOther(one)} />
        ))}
      </div>
      <Text size="sm" c="dimmed">
        {other
          ? `${other.name} becomes part of ${asset.name}: its keys, history and open incidents are shown here. Both histories are kept, and it can be undone.`
          : found.length > MAX_SHOWN
            ? `and more: type more of it`
            : q !== "" && query.data && found.length === 0
              ? "Nothing fits"
              : "Two records of one device become one. What a person decides stands against later rules."}
      </Text>
      <Group justify="flex-end">
        <Button variant="default" onClick={close}>
          Cancel
        </Button>
        <Button disabled={!other} loading={write.isPending} onClick={merge}>
          Merge
        </Button>
      </Group>
    </Stack>
  );
};

export const AssetMerge = ({ asset }: { readonly asset: AssetDetail }) => {
  const [opened, { open, close }] = useDisclosure();
  return (
    <>
      <Button size="sm" variant="default" onClick={open}>
        Merge with another …
      </Button>
      <Dialog title={`Merge another asset into ${asset.name}`} opened={opened} close={close}>
        <Form asset={asset} close={close} />
      </Dialog>
    </>
  );
};
