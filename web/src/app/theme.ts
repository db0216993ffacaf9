import { type BrandVariants, createDarkTheme, createLightTheme, type Theme } from '@fluentui/react-components';

const brand: BrandVariants = {
  10: '#03041a',
  20: '#10143a',
  30: '#171f60',
  40: '#1e2a85',
  50: '#27379f',
  60: '#3246b5',
  70: '#3d55c8',
  80: '#4a63d8',
  90: '#5b73e2',
  100: '#6d84ea',
  110: '#8096f1',
  120: '#94a8f6',
  130: '#a8b9fa',
  140: '#bccafc',
  150: '#d1dafe',
  160: '#e6ebff',
};

const type = {
  fontFamilyBase: "'Inter Variable', 'Segoe UI', system-ui, -apple-system, 'Helvetica Neue', sans-serif",
  fontFamilyMonospace: "ui-monospace, 'Cascadia Mono', 'SF Mono', Menlo, 'DejaVu Sans Mono', monospace",
  fontSizeBase100: '11px',
  fontSizeBase200: '12px',
  fontSizeBase300: '13px',
  fontSizeBase400: '15px',
  fontSizeBase500: '18px',
  lineHeightBase100: '14px',
  lineHeightBase200: '16px',
  lineHeightBase300: '19px',
  lineHeightBase400: '21px',
  lineHeightBase500: '25px',
} as const;

export const light: Theme = {
  ...createLightTheme(brand),
  ...type,
  colorNeutralForeground3: '#57585f',
  colorNeutralForeground4: '#62636b',
};

const darkBase = createDarkTheme(brand);
export const dark: Theme = {
  ...darkBase,
  ...type,
  colorNeutralBackground1: '#17181c',
  colorNeutralBackground1Hover: '#212328',
  colorNeutralBackground1Pressed: '#121317',
  colorNeutralBackground1Selected: '#262930',
  colorNeutralBackground2: '#121317',
  colorNeutralBackground2Hover: '#1e2025',
  colorNeutralBackground3: '#0e0f12',
  colorNeutralBackground4: '#0b0c0f',
  colorNeutralBackground5: '#202227',
  colorNeutralBackground6: '#26282e',
  colorNeutralStroke1: '#454851',
  colorNeutralStroke2: '#2d2f36',
  colorNeutralStroke3: '#24262c',
  colorNeutralForeground2: '#d3d4d9',
  colorNeutralForeground3: '#a4a6ae',
  colorNeutralForeground4: '#979aa3',
  colorBrandForeground1: brand[120],
  colorBrandForeground2: brand[130],
  colorBrandForegroundLink: brand[120],
  colorBrandForegroundLinkHover: brand[140],
  colorCompoundBrandForeground1: brand[120],
};

export type Appearance = 'system' | 'light' | 'dark';

const key = 'clew.appearance';

/** The choice lives in the browser, so that the first paint is right. */
export function loadAppearance(): Appearance {
  try {
    const value = localStorage.getItem(key);
    return value === 'light' || value === 'dark' ? value : 'system';
  } catch {
    return 'system';
  }
}

export function storeAppearance(value: Appearance): void {
  try {
    localStorage.setItem(key, value);
  } catch {
    // A browser without storage follows the system.
  }
}
