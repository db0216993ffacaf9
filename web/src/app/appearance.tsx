import { createDOMRenderer, FluentProvider, RendererProvider } from '@fluentui/react-components';
import { createContext, type ReactNode, useContext, useLayoutEffect, useMemo, useState } from 'react';
import { useMedia } from '../ui/media';
import { type Appearance, dark, light, loadAppearance, storeAppearance } from './theme';

interface Choice {
  appearance: Appearance;
  dark: boolean;
  choose: (value: Appearance) => void;
}

const Context = createContext<Choice>({ appearance: 'system', dark: false, choose: () => {} });

export const useAppearance = (): Choice => useContext(Context);

/** The nonce that the server put into the page for this answer's style elements. */
export function pageNonce(): string | undefined {
  const value = document.querySelector<HTMLMetaElement>('meta[name="csp-nonce"]')?.content;
  return value === undefined || value.startsWith('__') ? undefined : value;
}

export function AppearanceProvider({ children }: { children: ReactNode }) {
  const [appearance, setAppearance] = useState(loadAppearance);
  const system = useMedia('(prefers-color-scheme: dark)');
  const isDark = appearance === 'system' ? system : appearance === 'dark';
  const renderer = useMemo(() => {
    const value = pageNonce();
    return createDOMRenderer(document, value === undefined ? {} : { styleElementAttributes: { nonce: value } });
  }, []);
  useLayoutEffect(() => {
    document.documentElement.dataset.theme = isDark ? 'dark' : 'light';
  }, [isDark]);
  const choice = useMemo(
    () => ({
      appearance,
      dark: isDark,
      choose: (value: Appearance) => {
        storeAppearance(value);
        setAppearance(value);
      },
    }),
    [appearance, isDark],
  );
  return (
    <RendererProvider renderer={renderer} targetDocument={document}>
      <FluentProvider theme={isDark ? dark : light}>
        <Context.Provider value={choice}>{children}</Context.Provider>
      </FluentProvider>
    </RendererProvider>
  );
}
