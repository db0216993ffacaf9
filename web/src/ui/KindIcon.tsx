import {
  Apps20Regular,
  BoxMultiple20Regular,
  Bug20Regular,
  Cloud20Regular,
  Cube20Regular,
  Document20Regular,
  type FluentIcon,
  Globe20Regular,
  Key20Regular,
  Laptop20Regular,
  Link20Regular,
  Location20Regular,
  Mail20Regular,
  MailInbox20Regular,
  MailMultiple20Regular,
  People20Regular,
  Person20Regular,
  Shapes20Regular,
  Timer20Regular,
  WindowConsole20Regular,
} from '@fluentui/react-icons';
import { word } from '../text/words';

const icons: Record<string, FluentIcon> = {
  user: Person20Regular,
  device: Laptop20Regular,
  ip: Location20Regular,
  file: Document20Regular,
  process: WindowConsole20Regular,
  url: Link20Regular,
  domain: Globe20Regular,
  mailbox: MailInbox20Regular,
  mail: Mail20Regular,
  mailCluster: MailMultiple20Regular,
  app: Apps20Regular,
  session: Timer20Regular,
  group: People20Regular,
  registry: Key20Regular,
  cloudResource: Cloud20Regular,
  container: Cube20Regular,
  malware: Bug20Regular,
  many: BoxMultiple20Regular,
};

export function iconOf(kind: string): FluentIcon {
  return icons[kind] ?? Shapes20Regular;
}

export function KindIcon({ kind, size = 16 }: { kind: string; size?: number }) {
  const Icon = iconOf(kind);
  return <Icon style={{ width: size, height: size, flex: 'none' }} aria-label={word('kind', kind)} role="img" />;
}
