import { useTranslationRef } from '@backstage/frontend-plugin-api';
import { Text } from '@backstage/ui';
import {
  MASKED_VALUE,
  type WasmModule,
} from '@wasi-functions/backstage-plugin-wasi-common';
import { useMemo } from 'react';
import { stringify } from 'yaml';
import { wasiTranslationRef } from '../../translation';
import { CodeBlock } from '../CodeBlock';
import { CopyButton } from '../CopyButton';
import { Section } from '../Section';

/** The resource as YAML, to read and to copy. */
export function ModuleYaml(props: { module: WasmModule }) {
  const { t } = useTranslationRef(wasiTranslationRef);
  const { module } = props;
  const text = useMemo(() => stringify(module, { lineWidth: 0 }), [module]);
  return (
    <Section
      title={t('yaml.heading')}
      wide
      actions={<CopyButton text={text} what={t('yaml.copyWhat')} />}
    >
      {text.includes(MASKED_VALUE) && (
        <Text variant="body-small" color="secondary">
          {t('yaml.masked')}
        </Text>
      )}
      <CodeBlock
        text={text}
        label={t('yaml.label', { name: module.metadata.name })}
      />
    </Section>
  );
}
