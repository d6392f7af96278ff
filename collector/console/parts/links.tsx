import { Anchor } from "@mantine/core";
import { Link } from "@tanstack/react-router";
import type { ReactNode } from "react";

/** Links to records, by their ids. What they are called is text and nothing else. */

type Props = { readonly children: ReactNode; readonly className?: string };

export const AssetLink = ({ assetId, children, className }: Props & { readonly assetId: string }) => (
  <Anchor className={className} renderRoot={(props) => <Link to="/assets/$assetId" params={{ assetId }} {...props} />}>
    {children}
  </Anchor>
);

export const IncidentLink = ({ incidentId, children, className }: Props & { readonly incidentId: string }) => (
  <Anchor
    className={className}
    renderRoot={(props) => (
      <Link to="/incidents/$incidentId" params={{ incidentId }} search={(before) => before} {...props} />
    )}
  >
    {children}
  </Anchor>
);

export const TicketLink = ({ number, children, className }: Props & { readonly number: number }) => (
  <Anchor
    className={className}
    renderRoot={(props) => <Link to="/tickets/$number" params={{ number: String(number) }} {...props} />}
  >
    {children}
  </Anchor>
);
