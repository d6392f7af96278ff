import { readFileSync, writeFileSync } from "node:fs";
import { createServer } from "node:https";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { expect, it, onTestFinished } from "vitest";
import { enrol } from "../../agent/enrolment.ts";
import { ensureKey, toIdentity } from "../../agent/identity.ts";
import { readIdentityFile } from "../../agent/identity-file.ts";
import { systemClock } from "../../shared/clock.ts";
import { createSigningKey, formatPublicKey } from "../../shared/protocol/frame.ts";
import { describeWith } from "../support/requires.ts";
import { temporaryFolder } from "../support/temporary.ts";
import { createCertificates } from "../support/tls.ts";

describeWith("enrolment over TLS", [{ program: "openssl" }], () => {
  const folder = temporaryFolder("enrolment");
  let states = 0;

  const setUp = async () => {
    const certificates = createCertificates(folder);
    const collectorPublicKey = formatPublicKey(createSigningKey());
    const answer = {
      ...{ agentId: `agt_${"0".repeat(26)}`, collectorId: `col_${"0".repeat(26)}`, collectorPublicKey },
      ...{ status: "pending", websocketPath: "/api/v1/agents/ws" },
    };
    const asked: Record<string, unknown>[] = [];
    const server = createServer(certificates, (request, response) => {
      let text = "";
      request.on("data", (chunk) => {
        text += String(chunk);
      });
      request.on("end", () => {
        asked.push(JSON.parse(text) as Record<string, unknown>);
        response.end(JSON.stringify(answer));
      });
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    onTestFinished(() => {
      server.closeAllConnections();
      server.close();
    });
    const stateDirectory = join(folder, `state-${states++}`);
    const url = `https://127.0.0.1:${(server.address() as AddressInfo).port}/base/`;
    const options = {
      ...{ url, stateDirectory, token: "a token", name: "web1", timeoutMs: 5_000, clock: systemClock },
      signal: new AbortController().signal,
    };
    return { options, certificates, asked, answer };
  };

  it("pins the collector's key and keeps who we are", async () => {
    const { options, certificates, asked, answer } = await setUp();
    const { identity, status } = await enrol({ ...options, ca: certificates.ca });
    expect(status).toBe("pending");
    expect(asked).toEqual([
      { token: "a token", name: "web1", publicKey: formatPublicKey(ensureKey(options.stateDirectory)) },
    ]);
    expect(readIdentityFile(options.stateDirectory)).toEqual(identity);
    const whole = toIdentity(identity, options.stateDirectory);
    expect(formatPublicKey(whole.collectorKey)).toBe(answer.collectorPublicKey);
    expect(identity.collectorUrl).toBe(options.url.replace(/\/$/, ""));
    expect(readFileSync(join(options.stateDirectory, "identity.json"), "utf8")).not.toContain("token");
  });

  it("tells nobody the token whose certificate it does not believe", async () => {
    const { options, asked } = await setUp();
    await expect(enrol(options)).rejects.toMatchObject({
      code: "enrol.certificate",
      message: expect.stringMatching(/--ca FILE/),
    });
    expect(asked).toEqual([]);
  });

  it("says that a damaged identity or key has to be restored", async () => {
    const { options, certificates } = await setUp();
    const { identity } = await enrol({ ...options, ca: certificates.ca });
    writeFileSync(join(options.stateDirectory, "agent.key"), "no key");
    expect(() => toIdentity(identity, options.stateDirectory)).toThrow(/agent\.key is missing or damaged: restore it/);
    writeFileSync(join(options.stateDirectory, "identity.json"), '{"agentId":');
    expect(() => readIdentityFile(options.stateDirectory)).toThrow(
      /identity\.json is damaged: restore it, or enrol again/,
    );
  });
});
