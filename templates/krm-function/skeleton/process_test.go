package main

import (
	"strings"
	"testing"

	"example.com/krm-function/krm"
)

const list = `apiVersion: config.kubernetes.io/v1
kind: ResourceList
functionConfig:
  apiVersion: v1
  kind: ConfigMap
  metadata: {name: function-input}
  data: {team: blue}
items:
- apiVersion: v1
  kind: Service
  metadata:
    name: shop # the name that customers know
`

func TestLabelsEveryResource(t *testing.T) {
	output, err := krm.Run([]byte(list), process)
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"labels:\n", "team: blue\n", "# the name that customers know"} {
		if !strings.Contains(string(output), want) {
			t.Errorf("%q is missing in\n%s", want, output)
		}
	}
}

func TestWarnsOfALabelThatWasAnother(t *testing.T) {
	input := strings.Replace(list, "name: shop", "labels: {team: red}\n    name: shop", 1)
	output, err := krm.Run([]byte(input), process)
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(output), "message: label team was red") {
		t.Errorf("no warning in\n%s", output)
	}
}

func TestFailsWithoutLabels(t *testing.T) {
	input := strings.Replace(list, "data: {team: blue}", "data: {}", 1)
	output, err := krm.Run([]byte(input), process)
	if err == nil {
		t.Errorf("no error, but\n%s", output)
	}
	if !strings.Contains(string(output), "name the labels in configMap") {
		t.Errorf("no result in\n%s", output)
	}
}

func TestRefusesWhatIsNoResourceList(t *testing.T) {
	for _, input := range []string{"", "a: 1", "[", "kind: List\nitems: []"} {
		if output, err := krm.Run([]byte(input), process); err == nil {
			t.Errorf("%q became %q", input, output)
		}
	}
}
