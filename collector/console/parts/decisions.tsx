import { Button, Group, Text } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import type { AssetIdentity, DecisionNote } from "../../../shared/model/identity.ts";
import { Ago } from "./ago.tsx";
import { Dialog } from "./dialog.tsx";
import { AssetLink } from "./links.tsx";
import { toWords } from "./words.ts";
import { useMay, useWrite } from "./write.ts";

/** A decision as the list of all, or as one asset's page has it. */
export type Decision = Omit<DecisionNote, "assetName"> &
  Partial<Pick<DecisionNote, "assetName">> &
  Partial<Pick<AssetIdentity["decisions"][number], "agree" | "disagree">>;

const kindWords: Readonly<Record<Decision["kind"], string>> = {
  created: "Made",
  joined: "Joined",
  separated: "Kept apart",
  contested: "Contested",
};

const undoWords: Readonly<Record<Decision["kind"], string>> = {
  created: "",
  joined: "The two are two assets again, each with its own keys and history. No rule joins them again.",
  separated: "What was parted is one asset again, or may be joined by rules again where nothing was moved.",
  contested: "",
};

const Undo = ({ decision }: { readonly decision: Decision }) => {
  const [opened, { open, close }] = useDisclosure();
  const write = useWrite("assets", "overview", "changes");
  const path = `/assets/${decision.assetId}/identity/${decision.decisionId}/undo`;
  return (
    <>
      <Button size="compact-sm" variant="default" onClick={open}>
        Undo …
      </Button>
      <Dialog title="Undo this decision" opened={opened} close={close}>
        <Text size="sm">{decision.explanation}</Text>
        <Text size="sm" mt="xs" c="dimmed">
          {undoWords[decision.kind]} What was learned since stays.
        </Text>
        <Group justify="flex-end" mt="md">
          <Button variant="default" onClick={close}>
            Cancel
          </Button>
          <Button
            loading={write.isPending}
            onClick={() => write.mutate({ path, done: "Undone" }, { onSuccess: close })}
          >
            Undo
          </Button>
        </Group>
      </Dialog>
    </>
  );
};

const listed = (kinds: readonly string[]): string => kinds.map(toWords).join(", ");

/** What it went by: the keys themselves, and in which kinds of hardware keys the two agree and disagree. */
const Grounds = ({ decision: { keys, agree = [], disagree = [] } }: { readonly decision: Decision }) => (
  <>
    {keys.length > 0 && (
      <div className="sub keys-of">
        {keys.slice(0, 6).map(({ kind, value }) => (
          <span key={`${kind} ${value}`}>
            {toWords(kind)} <span className="mono">{value}</span>
          </span>
        ))}
        {keys.length > 6 && <span>and {keys.length - 6} more</span>}
      </div>
    )}
    {agree.length > 0 && <div className="sub">agree in {listed(agree)}</div>}
    {disagree.length > 0 && <div className="sub">differ in {listed(disagree)}</div>}
  </>
);

export const DecisionItem = ({ decision, of }: { readonly decision: Decision; readonly of?: string }) => {
  const mayUndo = useMay("asset-manager");
  const { kind, assetId, otherAssetId, assetName, otherAssetName, explanation, rule, byHand, at, undoneAt } = decision;
  const other = of === otherAssetId ? assetId : otherAssetId;
  return (
    <li className={undoneAt === undefined ? "decision" : "decision undone"}>
      <div className="grow">
        <div className="row-top">
          <strong>{kindWords[kind]}</strong>
          <span className="dimmed">
            <Ago at={at} />
          </span>
        </div>
        {of === undefined && (
          <div>
            <AssetLink assetId={assetId}>{assetName ?? assetId}</AssetLink>
            {otherAssetId !== undefined && (
              <>
                {kind === "joined" ? " took in " : " and "}
                <AssetLink assetId={otherAssetId}>{otherAssetName ?? otherAssetId}</AssetLink>
              </>
            )}
          </div>
        )}
        <div>{explanation}</div>
        <Grounds decision={decision} />
        <div className="dimmed">
          {byHand ? `by ${rule}` : `rule ${rule}`}
          {of !== undefined && other !== undefined && other !== of && (
            <>
              {" · "}
              <AssetLink assetId={other}>
                {(of === otherAssetId ? assetName : otherAssetName) ?? "the other asset"}
              </AssetLink>
            </>
          )}
          {undoneAt !== undefined && " · undone"}
        </div>
      </div>
      {mayUndo && decision.canUndo && <Undo decision={decision} />}
    </li>
  );
};
