import {
  errorBodySchema,
  WasiError,
  type WasiErrorCode,
} from '@wasi-functions/backstage-plugin-wasi-common';

// An answer without a code did not come from our router, but from the portal
// in front of it: the name is all there is.
const codeByName: { [name in string]?: WasiErrorCode } = {
  AuthenticationError: 'SIGN_IN_REQUIRED',
  NotAllowedError: 'PERMISSION_DENIED',
  ServiceUnavailableError: 'BACKEND_UNREACHABLE',
};

/** Turns an answer other than 2xx into the error that the backend threw. */
export async function readErrorAnswer(
  response: Response,
  what: string,
): Promise<WasiError> {
  const parsed = errorBodySchema.safeParse(await readJson(response));
  if (!parsed.success) {
    return new WasiError(
      response.status === 401 ? 'SIGN_IN_REQUIRED' : 'BACKEND_UNEXPECTED',
      {
        message: `Could not ${what}: the portal answered with status ${response.status}.`,
      },
    );
  }
  const { name, message, code, remedy, conflicts } = parsed.data.error;
  return new WasiError(code ?? codeByName[name] ?? 'BACKEND_UNEXPECTED', {
    message,
    remedy,
    conflicts,
  });
}

async function readJson(response: Response): Promise<unknown> {
  try {
    return await response.json();
  } catch {
    // Not JSON, e.g. a proxy's page: the status alone is reported.
    return undefined;
  }
}
