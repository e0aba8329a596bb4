// Puts a module into a registry, and gets it out again, by the calls that
// `kpt alpha wasm push` and `pull` make to go-containerregistry, which do not
// look inside the file.
//
//	kpt-calls push FILE REFERENCE
//	kpt-calls pull REFERENCE FILE
package main

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/google/go-containerregistry/pkg/name"
	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/empty"
	"github.com/google/go-containerregistry/pkg/v1/match"
	"github.com/google/go-containerregistry/pkg/v1/mutate"
	"github.com/google/go-containerregistry/pkg/v1/remote"
	"github.com/google/go-containerregistry/pkg/v1/remote/transport"
	"github.com/google/go-containerregistry/pkg/v1/tarball"
	"github.com/google/go-containerregistry/pkg/v1/types"
)

var jsWasm = v1.Platform{OS: "js", Architecture: "wasm"}

func main() {
	var err error
	switch {
	case len(os.Args) == 4 && os.Args[1] == "push":
		err = push(os.Args[2], os.Args[3])
	case len(os.Args) == 4 && os.Args[1] == "pull":
		err = pull(os.Args[2], os.Args[3])
	default:
		err = errors.New("usage: kpt-calls push FILE REFERENCE | pull REFERENCE FILE")
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func push(file, reference string) error {
	tag, err := name.NewTag(reference)
	if err != nil {
		return err
	}
	index, err := existing(tag)
	if err != nil {
		return err
	}
	layer, err := layerOf(file)
	if err != nil {
		return err
	}
	image, err := mutate.AppendLayers(empty.Image, layer)
	if err != nil {
		return err
	}
	digest, err := image.Digest()
	if err != nil {
		return err
	}
	if err := remote.Write(tag.Context().Digest(digest.String()), image); err != nil {
		return err
	}
	index = mutate.RemoveManifests(index, match.Platforms(jsWasm))
	index = mutate.AppendManifests(index, mutate.IndexAddendum{
		Add:        image,
		Descriptor: v1.Descriptor{Platform: &jsWasm},
	})
	return remote.WriteIndex(tag, mutate.IndexMediaType(index, types.DockerManifestList))
}

func existing(tag name.Tag) (v1.ImageIndex, error) {
	found, err := remote.Get(tag)
	var refused *transport.Error
	if errors.As(err, &refused) && refused.StatusCode == 404 {
		for _, reason := range refused.Errors {
			if reason.Code == transport.ManifestUnknownErrorCode {
				return empty.Index, nil
			}
		}
	}
	if err != nil {
		return nil, err
	}
	if !found.MediaType.IsIndex() {
		return nil, fmt.Errorf("unexpected media type %s", found.MediaType)
	}
	return found.ImageIndex()
}

func layerOf(file string) (v1.Layer, error) {
	content, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	var archive bytes.Buffer
	writer := tar.NewWriter(&archive)
	header := &tar.Header{
		Name: filepath.Base(file), Typeflag: tar.TypeReg,
		Mode: 0o644, Size: int64(len(content)),
	}
	if err := writer.WriteHeader(header); err != nil {
		return nil, err
	}
	if _, err := writer.Write(content); err != nil {
		return nil, err
	}
	if err := writer.Close(); err != nil {
		return nil, err
	}
	return tarball.LayerFromOpener(func() (io.ReadCloser, error) {
		return io.NopCloser(bytes.NewReader(archive.Bytes())), nil
	}, tarball.WithCompressionLevel(gzip.BestCompression))
}

func pull(reference, file string) error {
	parsed, err := name.ParseReference(reference)
	if err != nil {
		return err
	}
	image, err := remote.Image(parsed, remote.WithPlatform(jsWasm))
	if err != nil {
		return err
	}
	files := mutate.Extract(image)
	defer files.Close()
	for reader := tar.NewReader(files); ; {
		header, err := reader.Next()
		if err != nil {
			return fmt.Errorf("no regular file: %w", err)
		}
		if header.Typeflag == tar.TypeDir {
			continue
		}
		if header.Typeflag != tar.TypeReg {
			return fmt.Errorf("%s is no regular file", header.Name)
		}
		content, err := io.ReadAll(reader)
		if err != nil {
			return err
		}
		return os.WriteFile(file, content, 0o644)
	}
}
