import { ActionIcon, Kbd, Stack, Tooltip } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { IconKeyboard } from "@tabler/icons-react";
import { useNavigate } from "@tanstack/react-router";
import { useEffect, useRef } from "react";

import { Dialog } from "./dialog.tsx";

const goTo: Readonly<
  Record<string, "/" | "/incidents" | "/tickets" | "/assets" | "/changes" | "/agents" | "/desks" | "/policy">
> = {
  o: "/",
  i: "/incidents",
  t: "/tickets",
  a: "/assets",
  c: "/changes",
  g: "/agents",
  d: "/desks",
  p: "/policy",
};

const list: readonly (readonly [string, string])[] = [
  ["/", "Search assets"],
  ["g then o, i, t, a, c, g, d, p", "Go to overview, incidents, tickets, assets, changes, agents, desks, policy"],
  ["↑ ↓ or j k", "Next and previous row, once a row has the focus"],
  ["Enter", "Open the row"],
  ["?", "This list"],
];

/** "g" and a letter go to a page; "?" shows what keys there are. Nothing fires while somebody types. */
export const Shortcuts = () => {
  const [opened, { open, close }] = useDisclosure();
  const navigate = useNavigate();
  const afterG = useRef(false);
  useEffect(() => {
    const onKey = (event: globalThis.KeyboardEvent) => {
      const typing = (event.target as HTMLElement).closest("input, textarea, select, [contenteditable], [role=dialog]");
      if (typing || event.ctrlKey || event.metaKey || event.altKey) return;
      const to = afterG.current ? goTo[event.key] : undefined;
      afterG.current = event.key === "g" && !afterG.current;
      if (to) {
        event.preventDefault();
        void navigate({ to });
      } else if (event.key === "?") open();
    };
    window.addEventListener("keydown", onKey);
    return () => window.removeEventListener("keydown", onKey);
  }, [navigate, open]);
  return (
    <>
      <Tooltip label="Keys">
        <ActionIcon
          variant="subtle"
          color="gray"
          size="lg"
          aria-label="Keyboard shortcuts"
          onClick={open}
          visibleFrom="sm"
        >
          <IconKeyboard size={20} stroke={1.6} />
        </ActionIcon>
      </Tooltip>
      <Dialog opened={opened} close={close} title="Keyboard shortcuts">
        <Stack gap="xs">
          {list.map(([keys, what]) => (
            <div key={keys} className="shortcut">
              <Kbd>{keys}</Kbd>
              <span>{what}</span>
            </div>
          ))}
        </Stack>
      </Dialog>
    </>
  );
};
