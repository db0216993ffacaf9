import type { Layout, Point } from './layout';

/** Where the picture is and how large: screen = picture × scale + offset. */
export interface View {
  x: number;
  y: number;
  scale: number;
}

export const smallest = 0.15;
export const largest = 3;

/** Labels are 12 units high; from this scale on they are at least 11 px. */
export const readable = 0.92;

/** The whole picture, or, when that were too small to read, its beginning. */
export function opening(layout: Layout, width: number, height: number): View {
  const whole = fit(layout, width, height);
  if (whole.scale >= readable) return whole;
  const y = layout.height * readable <= height ? (height - layout.height * readable) / 2 : 0;
  const x = layout.width * readable <= width ? (width - layout.width * readable) / 2 : 0;
  return { x, y, scale: readable };
}

/** Everything in view, centred. */
export function fit(layout: Layout, width: number, height: number): View {
  if (layout.width === 0 || layout.height === 0 || width === 0 || height === 0) return { x: 0, y: 0, scale: 1 };
  const scale = clamp(Math.min(width / layout.width, height / layout.height, 1.25));
  return { x: (width - layout.width * scale) / 2, y: (height - layout.height * scale) / 2, scale };
}

/** Zooms so that the point under the pointer stays under it. */
export function zoomed(view: View, at: Point, by: number): View {
  const scale = clamp(view.scale * by);
  const f = scale / view.scale;
  return { x: at.x - (at.x - view.x) * f, y: at.y - (at.y - view.y) * f, scale };
}

/** Moves just so far that the point can be seen. */
export function revealing(view: View, point: Point, width: number, height: number, margin = 70): View {
  const x = point.x * view.scale + view.x;
  const y = point.y * view.scale + view.y;
  const dx = x < margin ? margin - x : x > width - margin ? width - margin - x : 0;
  const dy = y < margin ? margin - y : y > height - margin ? height - margin - y : 0;
  return dx === 0 && dy === 0 ? view : { ...view, x: view.x + dx, y: view.y + dy };
}

function clamp(scale: number): number {
  return Math.min(largest, Math.max(smallest, scale));
}
