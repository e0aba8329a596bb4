// Package krm reads and writes the ResourceList that a KRM function works on:
// https://github.com/kubernetes-sigs/kustomize/blob/master/cmd/config/docs/api-conventions/functions-spec.md
package krm

import (
	"bytes"
	"errors"
	"fmt"
	"strings"

	"go.yaml.in/yaml/v3"
)

// Severities of a result.
const (
	Error   = "error"
	Warning = "warning"
	Info    = "info"
)

// List is what a function gets and gives back.
type List struct {
	Items []*Resource
	// Config is the data of the ConfigMap in functionConfig.
	Config  map[string]string
	results []result
}

type result struct {
	Message  string     `yaml:"message"`
	Severity string     `yaml:"severity"`
	Resource *reference `yaml:"resourceRef,omitempty"`
}

type reference struct {
	APIVersion string `yaml:"apiVersion"`
	Kind       string `yaml:"kind"`
	Namespace  string `yaml:"namespace,omitempty"`
	Name       string `yaml:"name"`
}

// Report adds a result, of one resource or of none.
func (list *List) Report(severity, message string, resource *Resource) {
	said := result{Message: message, Severity: severity}
	if resource != nil {
		said.Resource = &reference{
			APIVersion: resource.String("apiVersion"),
			Kind:       resource.String("kind"),
			Namespace:  resource.String("metadata", "namespace"),
			Name:       resource.String("metadata", "name"),
		}
	}
	list.results = append(list.results, said)
}

// Run lets a function work on a ResourceList in YAML. Where it fails, the
// output has the results all the same.
func Run(input []byte, process func(*List) error) ([]byte, error) {
	var document yaml.Node
	if err := yaml.Unmarshal(input, &document); err != nil {
		return nil, err
	}
	if len(document.Content) == 0 {
		return nil, errors.New("the input is empty")
	}
	root := &Resource{document.Content[0]}
	if root.String("kind") != "ResourceList" {
		return nil, errors.New("the input is no ResourceList")
	}
	list := &List{}
	items := root.find("items")
	if items != nil {
		for _, item := range items.Content {
			list.Items = append(list.Items, &Resource{item})
		}
	}
	if data := root.find("functionConfig", "data"); data != nil {
		if err := data.Decode(&list.Config); err != nil {
			return nil, fmt.Errorf("functionConfig: %w", err)
		}
	}

	failure := process(list)
	if failure == nil {
		failure = list.failure()
	}
	if items != nil {
		items.Content = nil
		for _, item := range list.Items {
			items.Content = append(items.Content, item.node)
		}
	}
	if len(list.results) > 0 {
		root.Set(list.results, "results")
	}
	var output bytes.Buffer
	encoder := yaml.NewEncoder(&output)
	encoder.SetIndent(2)
	if err := encoder.Encode(&document); err != nil {
		return nil, err
	}
	return output.Bytes(), failure
}

func (list *List) failure() error {
	var errors []string
	for _, result := range list.results {
		if result.Severity == Error {
			errors = append(errors, result.Message)
		}
	}
	if len(errors) == 0 {
		return nil
	}
	return fmt.Errorf("%s", strings.Join(errors, "; "))
}
