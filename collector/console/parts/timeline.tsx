import { Button, Group, Textarea } from "@mantine/core";
import { IconArrowBackUp, IconCheck, IconCircleDot, IconMessage, IconPencil, IconUser } from "@tabler/icons-react";
import { type FormEvent, useState } from "react";
import type { TicketEvent } from "../../../shared/model/incident.ts";
import { Ago } from "./ago.tsx";

const icons = {
  opened: IconCircleDot,
  comment: IconMessage,
  state: IconPencil,
  assigned: IconUser,
  resolved: IconCheck,
  reopened: IconArrowBackUp,
} as const;

const sentences: Readonly<Record<TicketEvent["kind"], string>> = {
  opened: "opened it",
  comment: "wrote",
  state: "changed the state",
  assigned: "assigned it",
  resolved: "resolved it",
  reopened: "opened it again",
};

export const Timeline = ({ events }: { readonly events: readonly TicketEvent[] }) => (
  <ol className="timeline" aria-label="Timeline, oldest first">
    {events
      .map((event, i) => ({ ...event, key: `${event.at} ${i}` }))
      .map((event) => {
        const Icon = icons[event.kind];
        return (
          <li key={event.key} className={event.kind}>
            <span className="bullet" aria-hidden="true">
              <Icon size={14} stroke={1.8} />
            </span>
            <div>
              <p className="dimmed">
                <strong>{event.author}</strong> {event.kind === "assigned" ? event.text : sentences[event.kind]} ·{" "}
                <Ago at={event.at} />
              </p>
              {event.text !== "" && event.kind !== "assigned" && <p className="said">{event.text}</p>}
            </div>
          </li>
        );
      })}
  </ol>
);

/** Ctrl+Enter sends, as in every tool of the kind. */
export const CommentForm = ({
  send,
  pending,
}: {
  readonly send: (text: string) => Promise<unknown>;
  readonly pending: boolean;
}) => {
  const [text, setText] = useState("");
  const submit = async (event?: FormEvent) => {
    event?.preventDefault();
    if (text.trim() === "") return;
    await send(text.trim());
    setText("");
  };
  return (
    <form onSubmit={(event) => void submit(event)} className="comment-form">
      <Textarea
        aria-label="Comment"
        placeholder="Comment"
        autosize
        minRows={2}
        maxRows={10}
        maxLength={4_000}
        value={text}
        onChange={(event) => setText(event.currentTarget.value)}
        onKeyDown={(event) => {
          if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) void submit();
        }}
      />
      <Group justify="flex-end" mt="xs">
        <Button type="submit" size="xs" loading={pending} disabled={text.trim() === ""}>
          Comment
        </Button>
      </Group>
    </form>
  );
};
