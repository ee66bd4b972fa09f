/** Times as people and files read them, computed without a clock: the core is given every instant as a number. */
import type { Ms } from './ids.ts';

const DAY_MS = 86_400_000;
/** The last instant that ISO 8601 readers of JavaScript accept: 100,000,000 days from 1970. */
const LAST_MS = 100_000_000 * DAY_MS;

/**
 * Milliseconds since 1970 as `2026-11-21T10:41:03.000Z`, the form of the status file.
 * Throws for what is no instant: a broken clock must not be written into the journal.
 */
export function isoTime(ms: Ms): string {
  if (!Number.isFinite(ms) || Math.abs(ms) > LAST_MS) throw new Error(`isoTime: ${ms} is no instant in milliseconds since 1970`);
  const whole = Math.trunc(ms);
  const days = Math.floor(whole / DAY_MS);
  const rest = whole - days * DAY_MS;
  const { year, month, day } = civilFromDays(days);
  const clock = `${digits(Math.floor(rest / 3_600_000), 2)}:${digits(Math.floor(rest / 60_000) % 60, 2)}:${digits(Math.floor(rest / 1000) % 60, 2)}`;
  return `${isoYear(year)}-${digits(month, 2)}-${digits(day, 2)}T${clock}.${digits(rest % 1000, 3)}Z`;
}

/**
 * The proleptic Gregorian date of a day counted from 1970-01-01. Years are counted from March, so that the
 * leap day is the last of its year; an era is the 400 years (146,097 days) after which the calendar repeats.
 */
function civilFromDays(daysSince1970: number): { year: number; month: number; day: number } {
  const days = daysSince1970 + 719_468;
  const era = Math.floor(days / 146_097);
  const dayOfEra = days - era * 146_097;
  const yearOfEra = Math.floor(
    (dayOfEra - Math.floor(dayOfEra / 1460) + Math.floor(dayOfEra / 36_524) - Math.floor(dayOfEra / 146_096)) / 365,
  );
  const dayOfYear = dayOfEra - (365 * yearOfEra + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100));
  const monthFromMarch = Math.floor((5 * dayOfYear + 2) / 153);
  const day = dayOfYear - Math.floor((153 * monthFromMarch + 2) / 5) + 1;
  const month = monthFromMarch < 10 ? monthFromMarch + 3 : monthFromMarch - 9;
  return { year: yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, day };
}

function isoYear(year: number): string {
  if (year >= 0 && year <= 9999) return digits(year, 4);
  return `${year < 0 ? '-' : '+'}${digits(Math.abs(year), 6)}`;
}

function digits(value: number, width: number): string {
  return String(value).padStart(width, '0');
}

/** How long something has lasted, in the two largest units that matter: `8 s`, `4 m`, `2 h 5 m`, `3 d 4 h`. Below zero counts as zero. */
export function duration(ms: Ms): string {
  const seconds = Math.max(0, Math.floor(ms / 1000));
  if (seconds < 60) return `${seconds} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes} m`;
  const hours = Math.floor(minutes / 60);
  if (hours < 24) return two(hours, 'h', minutes % 60, 'm');
  return two(Math.floor(hours / 24), 'd', hours % 24, 'h');
}

function two(large: number, largeUnit: string, small: number, smallUnit: string): string {
  return small === 0 ? `${large} ${largeUnit}` : `${large} ${largeUnit} ${small} ${smallUnit}`;
}
