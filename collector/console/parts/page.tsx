import { Group, Text, Title } from "@mantine/core";
import { type ReactNode, useEffect } from "react";

/** Head of a page: its title (also the tab's), a line below it, and what can be done, at the right. */
export const PageHead = ({
  title,
  note,
  children,
}: {
  readonly title: string;
  readonly note?: ReactNode;
  readonly children?: ReactNode;
}) => {
  useEffect(() => {
    document.title = `${title} · Rollcall`;
  }, [title]);
  return (
    <Group justify="space-between" align="flex-end" gap="sm" mb="md">
      <div className="head-text">
        <Title order={1}>{title}</Title>
        {note !== undefined && (
          <Text size="sm" c="dimmed" component="div">
            {note}
          </Text>
        )}
      </div>
      <Group gap="xs">{children}</Group>
    </Group>
  );
};

/** A titled part of a page. */
export const Panel = ({
  title,
  action,
  children,
  className = "",
}: {
  readonly title: string;
  readonly action?: ReactNode;
  readonly children: ReactNode;
  readonly className?: string;
}) => (
  <section className={`panel ${className}`} aria-label={title}>
    <header>
      <Title order={2}>{title}</Title>
      {action}
    </header>
    {children}
  </section>
);

/** Pairs of a term and what it is. */
export const Facts = ({ rows }: { readonly rows: readonly (readonly [string, ReactNode])[] }) => (
  <dl className="facts">
    {rows
      .filter(([, value]) => value !== undefined && value !== "" && value !== false)
      .map(([term, value]) => (
        <div key={term}>
          <dt>{term}</dt>
          <dd>{value}</dd>
        </div>
      ))}
  </dl>
);
