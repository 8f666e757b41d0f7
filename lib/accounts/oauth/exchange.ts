/**
 * Turns the provider's callback into the API key: validates its parameters, then exchanges the code.
 */
import {
  authorizationCodeGrantRequest,
  AuthorizationResponseError,
  type Client,
  None,
  OperationProcessingError,
  processAuthorizationCodeResponse,
  ResponseBodyError,
  UnsupportedOperationError,
  validateAuthResponse,
  WWWAuthenticateChallengeError,
} from "oauth4webapi";
import { isObject, readJson } from "../../base/mod.ts";
import { LoginError, type LoginErrorOptions, shownText } from "./problem.ts";
import { requestOptions } from "./server.ts";
import type { Transaction } from "./transactions.ts";
import type { Send } from "./transport.ts";

/**
 * Validates a callback's parameters and exchanges the code for the access token. Sent once, because a code
 * works once. Throws {@linkcode LoginError}.
 */
export async function exchange(
  transaction: Transaction,
  parameters: URLSearchParams,
  send: Send,
): Promise<string> {
  const { issuer, tokenEndpoint, namesIssuer } = transaction;
  const server = {
    issuer,
    token_endpoint: tokenEndpoint,
    authorization_response_iss_parameter_supported: namesIssuer,
  };
  const client: Client = { client_id: transaction.clientId };
  const callback = judge(server, client, parameters);
  try {
    const response = await authorizationCodeGrantRequest(
      server,
      client,
      None(),
      callback,
      transaction.redirectUri,
      transaction.verifier,
      requestOptions(issuer, send),
    );
    if (response.status >= 500) throw new LoginError("broken");
    const token = await processAuthorizationCodeResponse(server, client, await essence(response));
    return token.access_token;
  } catch (error) {
    throw exchangeError(error);
  }
}

function judge(
  server: Parameters<typeof validateAuthResponse>[0],
  client: Client,
  parameters: URLSearchParams,
): URLSearchParams {
  const named = parameters.getAll("iss");
  if (named.some((iss) => iss !== server.issuer)) throw new LoginError("wrong-issuer");
  if (named.length === 0 && server.authorization_response_iss_parameter_supported) {
    throw new LoginError("wrong-issuer");
  }
  let callback: URLSearchParams;
  try {
    callback = validateAuthResponse(server, client, parameters, parameters.get("state") ?? "");
  } catch (error) {
    if (error instanceof AuthorizationResponseError) {
      if (error.error === "access_denied") throw new LoginError("denied");
      throw new LoginError("provider-error", wordsOf(error));
    }
    throw new LoginError("malformed", { cause: error });
  }
  const [code, ...more] = callback.getAll("code");
  if (!code || more.length > 0) throw new LoginError("malformed");
  return callback;
}

/**
 * The response with the relevant members only: Parallel documents `access_token` alone, while the library
 * requires a `token_type` and refuses members that are `null`.
 */
async function essence(response: Response): Promise<Response> {
  const { status, headers } = response;
  const text = await response.text();
  let body: unknown;
  try {
    body = readJson(text);
  } catch {
    body = null;
  }
  if (status !== 200 || !isObject(body)) return new Response(text, { status, headers });
  const kept = { access_token: body.access_token, token_type: "bearer" };
  return new Response(JSON.stringify(kept), { status, headers });
}

function exchangeError(error: unknown): unknown {
  if (error instanceof ResponseBodyError) {
    return new LoginError("exchange-refused", wordsOf(error));
  }
  if (error instanceof WWWAuthenticateChallengeError) {
    return new LoginError("exchange-refused", { cause: error });
  }
  const unusable = error instanceof OperationProcessingError ||
    error instanceof UnsupportedOperationError;
  return unusable ? new LoginError("broken", { cause: error }) : error;
}

/** The error's code, and the provider's description if there is one. */
function wordsOf(
  error: { readonly error: string; readonly error_description?: string },
): LoginErrorOptions {
  const code = shownText(error.error);
  return { providerMessage: shownText(error.error_description) ?? code, code, cause: error };
}
