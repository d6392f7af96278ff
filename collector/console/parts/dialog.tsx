import { Group, Modal } from "@mantine/core";
import type { ReactNode } from "react";

/** A modal whose title stands in its body: Mantine's own header would be a second banner of the page to a screen reader. */
export const Dialog = ({
  title,
  opened,
  close,
  size = "md",
  children,
}: {
  readonly title: string;
  readonly opened: boolean;
  readonly close: () => void;
  readonly size?: "md" | "lg" | "xl";
  readonly children: ReactNode;
}) => (
  <Modal.Root opened={opened} onClose={close} size={size}>
    <Modal.Overlay />
    <Modal.Content>
      <Modal.Body pt="md">
        <Group justify="space-between" wrap="nowrap" align="flex-start" mb="md">
          <Modal.Title fw={650} className="dialog-title">
            {title}
          </Modal.Title>
          <Modal.CloseButton aria-label="Close" />
        </Group>
        {children}
      </Modal.Body>
    </Modal.Content>
  </Modal.Root>
);
