import { Button, Group } from "@mantine/core";

/** The last line of every dialog: back out at the left of what it is about. A form submits; a question calls `run`. */
export const FormEnd = ({
  close,
  button,
  run,
  loading = false,
  disabled = false,
  danger = false,
}: {
  readonly close: () => void;
  readonly button: string;
  readonly run?: () => void;
  readonly loading?: boolean;
  readonly disabled?: boolean;
  readonly danger?: boolean;
}) => (
  <Group justify="flex-end" mt="md">
    <Button variant="default" onClick={close}>
      Cancel
    </Button>
    <Button
      loading={loading}
      disabled={disabled}
      {...(danger ? { color: "red" } : {})}
      {...(run === undefined ? { type: "submit" as const } : { onClick: run })}
    >
      {button}
    </Button>
  </Group>
);
