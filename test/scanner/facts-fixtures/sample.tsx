import React from 'react';

type Props = { title: string; onClose?(): void };

export interface State {
  open: boolean;
  toggle(value: boolean): void;
}

export const Panel = ({ title }: Props) => {
  const close = () => {};
  return <div onClick={() => (title ? close() : null)}>{title && <b>{title}</b>}</div>;
};

export default class Page extends React.Component<Props, State> {
  private timer?: number;
  render() {
    return <Panel title="x" />;
  }
}
declare var Legacy: { new (): Legacy; readonly prototype: Legacy };
