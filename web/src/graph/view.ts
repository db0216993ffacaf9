import type { Layout, Point } from './layout';

/** Where the picture is and how large: screen = picture × scale + offset. */
export interface View {
  x: number;
  y: number;
  scale: number;
}

export const smallest = 0.15;
export const largest = 3;

/** Labels are 13 units high; from this scale on they are at least 11 px. */
export const readable = 0.85;

/** The whole picture, or, when that were too small to read, where it begins. */
export function opening(layout: Layout, width: number, height: number, start?: Point): View {
  const whole = fitted(layout, width, height);
  if (whole.scale >= readable) return whole;
  const scale = Math.max(readable, whole.scale);
  const place = (size: number, room: number, at: number, share: number) =>
    size * scale <= room ? (room - size * scale) / 2 : Math.min(0, Math.max(room - size * scale, room * share - at * scale));
  return {
    x: place(layout.width, width, start?.x ?? 0, 0.15),
    y: place(layout.height, height, start?.y ?? 0, 0.5),
    scale,
  };
}

/** Everything in view, centred. */
export function fitted(layout: Layout, width: number, height: number): View {
  if (layout.width === 0 || layout.height === 0 || width === 0 || height === 0) return { x: 0, y: 0, scale: 1 };
  const scale = clamp(Math.min(width / layout.width, height / layout.height, 1.1));
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

/** Moves just so far that all points can be seen, or, when they are too far apart, to their middle. */
export function revealingAll(view: View, points: Point[], width: number, height: number): View {
  if (points.length === 0) return view;
  const xs = points.map((p) => p.x);
  const ys = points.map((p) => p.y);
  const corner = { x: Math.min(...xs), y: Math.min(...ys) };
  const other = { x: Math.max(...xs), y: Math.max(...ys) };
  const margin = 70;
  const wide = (other.x - corner.x) * view.scale > width - 2 * margin || (other.y - corner.y) * view.scale > height - 2 * margin;
  if (!wide) return revealing(revealing(view, corner, width, height, margin), other, width, height, margin);
  const middle = { x: (corner.x + other.x) / 2, y: (corner.y + other.y) / 2 };
  return { ...view, x: width / 2 - middle.x * view.scale, y: height / 2 - middle.y * view.scale };
}

/** The view with a point in its middle. */
export function centred(view: View, at: Point, width: number, height: number): View {
  return { ...view, x: width / 2 - at.x * view.scale, y: height / 2 - at.y * view.scale };
}

const mapWidth = 148;
const mapHeight = 92;

/** The scale of the small map and the part of the picture in view; undefined when all of it is. */
export function overview(layout: Layout, view: View, width: number, height: number) {
  const window = { x: -view.x / view.scale, y: -view.y / view.scale, width: width / view.scale, height: height / view.scale };
  const inside =
    window.x <= 1 &&
    window.y <= 1 &&
    window.x + window.width >= layout.width - 1 &&
    window.y + window.height >= layout.height - 1;
  if (inside || layout.width === 0 || layout.height === 0) return undefined;
  const left = Math.max(0, window.x);
  const top = Math.max(0, window.y);
  return {
    scale: Math.min(mapWidth / layout.width, mapHeight / layout.height),
    window: {
      x: left,
      y: top,
      width: Math.max(0, Math.min(layout.width, window.x + window.width) - left),
      height: Math.max(0, Math.min(layout.height, window.y + window.height) - top),
    },
  };
}

function clamp(scale: number): number {
  return Math.min(largest, Math.max(smallest, scale));
}
