import { Anchor } from "@mantine/core";
import { Link } from "@tanstack/react-router";
import { PageHead } from "./page.tsx";

export const NotFound = () => (
  <main className="sign-in">
    <div>
      <PageHead title="There is no such page" note="The address may be old or mistyped." />
      <Anchor underline="always" renderRoot={(props) => <Link to="/" {...props} />}>
        Go to the overview
      </Anchor>
    </div>
  </main>
);
