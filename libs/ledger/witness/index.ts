export * from './cosign.js';
export {
  requestTimeToken,
  TIME_ANSWER_TIMEOUT_MS,
  TimeTokenError,
  type TimeAuthority,
  type TimeToken,
  type TimeTokenErrorCode,
} from './time-authority.js';
export {
  TimeTokenNotVerified,
  verifyTimeToken,
  type TimeTokenToVerify,
} from './verify-time-token.js';
