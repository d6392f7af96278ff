import { expect, it } from "vitest";
import { createPrincipals } from "../../../collector/api/principals.ts";
import type { Principal } from "../../../collector/store/reads.ts";
import { createVirtualClock } from "../../support/virtual-clock.ts";

const setUp = (over: Partial<Principal> = {}) => {
  const clock = createVirtualClock();
  let version = 0;
  let asked = 0;
  let principal: Principal | undefined = { kind: "token", id: "tok_1", name: "a", role: "viewer", ...over };
  const principals = createPrincipals(
    {
      principalByToken: async () => {
        asked++;
        return principal;
      },
      principalBySession: async () => undefined,
    },
    clock,
    () => version,
  );
  return {
    clock,
    ask: () => principals.principalByToken("hash", clock.now()),
    asked: () => asked,
    revoke: (isOurs: boolean) => {
      principal = undefined;
      if (isOurs) version++;
    },
  };
};

it("looks a token up once for what comes at once", async () => {
  const { ask, asked } = setUp();
  await Promise.all([ask(), ask(), ask()]);
  expect(asked()).toBe(1);
});

it("ends at once what was revoked here, and within a second what was revoked elsewhere", async () => {
  const here = setUp();
  await here.ask();
  here.revoke(true);
  expect(await here.ask()).toBeUndefined();
  const elsewhere = setUp();
  await elsewhere.ask();
  elsewhere.revoke(false);
  await elsewhere.clock.advance(1_000);
  expect(await elsewhere.ask()).toBeUndefined();
});

it("ends what expires at its time", async () => {
  const { clock, ask, asked } = setUp({ expiresAtMs: createVirtualClock().now() + 500 });
  await ask();
  await clock.advance(400);
  await ask();
  expect(asked()).toBe(1);
  await clock.advance(100);
  await ask();
  expect(asked()).toBe(2);
});

it("remembers nothing of what is unknown", async () => {
  const { ask, asked, revoke } = setUp();
  revoke(true);
  await ask();
  await ask();
  expect(asked()).toBe(2);
});
