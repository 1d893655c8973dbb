// Plays single calls with the AWS SDK for JavaScript: a JSON object per line on stdin asks, one per line on stdout answers.
// driver_test.go has both.

import { readFileSync } from "node:fs";
import { createInterface } from "node:readline";

import * as iot from "@aws-sdk/client-iot";
import * as iotJobsData from "@aws-sdk/client-iot-jobs-data-plane";

const services = {
  iot: { sdk: iot, Client: iot.IoTClient },
  "iot-jobs-data": { sdk: iotJobsData, Client: iotJobsData.IoTJobsDataPlaneClient },
};

const { version } = JSON.parse(readFileSync(new URL("node_modules/@aws-sdk/client-iot/package.json", import.meta.url)));
say({ hello: `@aws-sdk/client-iot ${version} on Node.js ${process.versions.node}` });
for await (const line of createInterface({ input: process.stdin })) {
  try {
    say(await play(JSON.parse(line)));
  } catch (e) {
    say({ broken: e.stack ?? String(e) }); // whatever it is, the case shall fail and say why
  }
}

function say(answer) {
  process.stdout.write(JSON.stringify(answer) + "\n");
}

async function play(asked) {
  const { sdk, Client } = services[asked.service];
  const client = new Client(settings(asked));
  const now = Date.now;
  Date.now = () => now() + (asked.clockOffsetMs ?? 0); // the clock that the SDK signs with
  try {
    return { output: withDates(await call(sdk, client, asked)) };
  } catch (e) {
    if (!e.$metadata?.httpStatusCode) throw e;
    const { name, message, $metadata, $fault, $service, $retryable, $response, ...members } = e;
    const Modelled = sdk[name];
    return {
      error: {
        type: name,
        status: $metadata.httpStatusCode,
        message,
        modelled: Modelled !== undefined && e instanceof Modelled,
        members: withDates(members),
      },
    };
  } finally {
    Date.now = now;
    client.destroy();
  }
}

async function call(sdk, client, asked) {
  if (asked.pageSize) {
    return allPages(sdk[`paginate${asked.operation}`]({ client, pageSize: asked.pageSize }, asked.input));
  }
  const { $metadata, ...output } = await client.send(new sdk[`${asked.operation}Command`](asked.input));
  return output;
}

// allPages joins the lists of all pages.
async function allPages(pages) {
  const joined = {};
  for await (const { $metadata, nextToken, ...page } of pages) {
    for (const [name, list] of Object.entries(page)) joined[name] = [...(joined[name] ?? []), ...list];
  }
  return joined;
}

function settings({ endpoint, region, credentials, attempts, ca, unsigned, signingName }) {
  return {
    endpoint,
    region,
    credentials,
    maxAttempts: attempts,
    requestHandler: { requestTimeout: 30_000, ...(ca && { httpsAgent: { ca: readFileSync(ca) } }) },
    ...(unsigned && { signer: { sign: async (request) => request } }),
    ...(signingName && { httpAuthSchemeProvider: () => [signatureFor(signingName, region)] }),
  };
}

// signatureFor signs as the SDK does, for a service of another name.
function signatureFor(signingName, signingRegion) {
  return {
    schemeId: "aws.auth#sigv4",
    signingProperties: { signingName, signingRegion },
    propertiesExtractor: (config, context) => ({ signingProperties: { config, context } }),
  };
}

// withDates marks dates, which JSON does not know, and leaves out what is not set.
function withDates(value) {
  if (value instanceof Date) return { $date: value.toISOString() };
  if (Array.isArray(value)) return value.map(withDates);
  if (value === null || typeof value !== "object") return value;
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, withDates(member)]));
}
