import { useTranslationRef } from '@backstage/frontend-plugin-api';
import {
  Accordion,
  AccordionPanel,
  AccordionTrigger,
  Skeleton,
  VisuallyHidden,
} from '@backstage/ui';
import {
  artifactFormatLabel,
  type ArtifactView,
  type ModuleInspection,
} from '@wasi-functions/backstage-plugin-wasi-common';
import { formatBytes } from '../../format';
import type { Loadable } from '../../hooks';
import { wasiTranslationRef } from '../../translation';
import { CodeBlock } from '../CodeBlock';
import { CopyButton } from '../CopyButton';
import { ErrorNotice } from '../ErrorNotice';
import { ExternalLink } from '../ExternalLink';
import { FactList } from '../FactList';
import { SectionsBar } from '../SectionsBar';
import styles from './ArtifactDetails.module.css';
import { supplyChainFacts, type Translate } from './supplyChainFacts';

/** What the image holds: digest, size, kind, imports and exports. */
export function ArtifactDetails(props: {
  /** As the resource names it; shown while nothing more is known. */
  image: string;
  artifact: Loadable<ArtifactView>;
  onRetry: () => void;
}) {
  const { t } = useTranslationRef(wasiTranslationRef);
  const { image, artifact } = props;
  const view = artifact.phase === 'loaded' ? artifact.value : undefined;
  const inspection = view?.inspection;
  return (
    <div className={styles.root}>
      <FactList
        facts={[
          {
            label: t('artifact.image'),
            value: <Copyable text={image} what={t('artifact.copyImage')} />,
          },
          {
            label: t('artifact.digest'),
            value: view?.digest && !image.endsWith(view.digest) && (
              <Copyable text={view.digest} what={t('artifact.copyDigest')} />
            ),
          },
          {
            label: t('artifact.format'),
            value: view?.format && artifactFormatLabel(view.format),
          },
          ...(view?.supplyChain ? supplyChainFacts(t, view.supplyChain) : []),
          ...(inspection ? inspectionFacts(t, inspection) : []),
          {
            label: t('artifact.layerSize'),
            value:
              !inspection && view?.size !== undefined && formatBytes(view.size),
          },
        ].map(fact => ({ ...fact, value: fact.value || undefined }))}
      />
      {artifact.phase === 'loading' && (
        <div role="status">
          <VisuallyHidden>{t('artifact.loading')}</VisuallyHidden>
          <Skeleton width="100%" height={24} />
          <Skeleton width="100%" height={96} style={{ marginTop: 12 }} />
        </div>
      )}
      {artifact.phase === 'failed' && (
        <ErrorNotice error={artifact.error} onRetry={props.onRetry} />
      )}
      {view?.problem && (
        <ErrorNotice
          status="warning"
          error={view.problem}
          onRetry={props.onRetry}
        />
      )}
      {inspection && <SectionsBar sections={inspection.sections} />}
      <div className={styles.more}>
        {inspection && <InspectionLists inspection={inspection} />}
        {view && Object.keys(view.annotations).length > 0 && (
          <Accordion>
            <AccordionTrigger title={t('artifact.annotations')} />
            <AccordionPanel>
              <FactList
                facts={Object.entries(view.annotations).map(
                  ([label, value]) => ({
                    label,
                    value: <ExternalLink url={value} />,
                  }),
                )}
              />
            </AccordionPanel>
          </Accordion>
        )}
      </div>
    </div>
  );
}

function inspectionFacts(t: Translate, inspection: ModuleInspection) {
  const entries = {
    http: t('artifact.entryHttp'),
    command: t('artifact.entryCommand'),
    none: t('artifact.entryNone'),
  };
  const capabilities = inspection.capabilities.map(({ kind }) =>
    t(`capability.${kind}`),
  );
  return [
    {
      label: t('artifact.size'),
      value:
        inspection.gzipSize === undefined
          ? formatBytes(inspection.size)
          : t('artifact.sizeText', {
              size: formatBytes(inspection.size),
              gzip: formatBytes(inspection.gzipSize),
            }),
    },
    ...(inspection.language
      ? [
          {
            label: t('artifact.language'),
            value: [inspection.language, inspection.toolchain]
              .filter(Boolean)
              .join(', '),
          },
        ]
      : []),
    {
      label: t('artifact.kind'),
      value:
        inspection.kind === 'component'
          ? t('artifact.component')
          : t('artifact.module'),
    },
    {
      label: t('artifact.wasi'),
      value:
        inspection.wasi === 'none'
          ? t('artifact.noWasi')
          : inspection.wasiVersion ?? inspection.wasi,
    },
    { label: t('artifact.entry'), value: entries[inspection.entry] },
    {
      label: t('artifact.capabilities'),
      value: capabilities.join(', ') || t('artifact.noCapabilities'),
    },
    {
      label: t('artifact.fileDigest'),
      value: (
        <Copyable text={inspection.digest} what={t('artifact.fileDigest')} />
      ),
    },
  ];
}

function InspectionLists(props: { inspection: ModuleInspection }) {
  const { t } = useTranslationRef(wasiTranslationRef);
  const { imports, exports, producers, world } = props.inspection;
  return (
    <>
      <NameList
        title={t('artifact.imports', { total: String(imports.length) })}
        names={imports}
      />
      <NameList
        title={t('artifact.exports', { total: String(exports.length) })}
        names={exports}
      />
      {producers.length > 0 && (
        <NameList
          title={t('artifact.builtWith', { total: String(producers.length) })}
          names={producers.map(({ name, version }) =>
            [name, version].filter(Boolean).join(' '),
          )}
        />
      )}
      {world && (
        <Accordion>
          <AccordionTrigger title={t('artifact.world')} />
          <AccordionPanel>
            <CodeBlock text={world} label={t('artifact.world')} />
          </AccordionPanel>
        </Accordion>
      )}
    </>
  );
}

function NameList(props: { title: string; names: readonly string[] }) {
  return (
    <Accordion>
      <AccordionTrigger title={props.title} />
      <AccordionPanel>
        <ul className={styles.names}>
          {props.names.map(name => (
            <li key={name}>
              <code>{name}</code>
            </li>
          ))}
        </ul>
      </AccordionPanel>
    </Accordion>
  );
}

function Copyable(props: { text: string; what: string }) {
  return (
    <span className={styles.copyable}>
      <code>{props.text}</code>
      <CopyButton text={props.text} what={props.what} />
    </span>
  );
}
