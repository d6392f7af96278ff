import { Alert, Button, Skeleton, Stack, Text } from "@mantine/core";
import { IconAlertTriangle } from "@tabler/icons-react";
import type { ReactNode } from "react";
import { ApiError } from "../client.ts";

/** Loading, empty and failed: what every list and page shows when it has nothing else to show. */

export const Loading = ({ rows = 6, label = "Loading" }: { readonly rows?: number; readonly label?: string }) => (
  <Stack gap="xs" role="status" aria-label={label} py="xs">
    {Array.from({ length: rows }, (_, i) => `row-${i}`).map((key, i) => (
      <Skeleton key={key} height={22} width={`${92 - ((i * 17) % 38)}%`} radius="sm" />
    ))}
  </Stack>
);

export const Empty = ({ title, children }: { readonly title: string; readonly children?: ReactNode }) => (
  <div className="empty">
    <Text fw={600}>{title}</Text>
    {children !== undefined && (
      <Text size="sm" c="dimmed" maw={520} mx="auto">
        {children}
      </Text>
    )}
  </div>
);

export const Failed = ({ error, retry }: { readonly error: unknown; readonly retry?: () => void }) => {
  const problem = error instanceof ApiError ? error.problem : undefined;
  return (
    <Alert
      variant="default"
      icon={<IconAlertTriangle aria-hidden="true" />}
      title={problem?.title ?? "This part of the page failed"}
      className="failed"
      role="alert"
    >
      <Stack gap="xs" align="flex-start">
        <Text size="sm">
          {problem?.detail ?? (problem === undefined && error instanceof Error ? error.message : "")} {problem?.remedy}
        </Text>
        {retry && (
          <Button size="xs" variant="default" onClick={retry}>
            Try again
          </Button>
        )}
      </Stack>
    </Alert>
  );
};
