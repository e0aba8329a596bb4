package main

import "example.com/krm-function/krm"

// process is the function: it changes the resources of the list, and says what
// it has to say of them. A result of severity error stops the pipeline.
//
// This one gives every resource the labels that its configMap names.
func process(list *krm.List) error {
	if len(list.Config) == 0 {
		list.Report(krm.Error, "name the labels in configMap", nil)
	}
	for _, resource := range list.Items {
		for name, value := range list.Config {
			if old := resource.String("metadata", "labels", name); old != "" && old != value {
				list.Report(krm.Warning, "label "+name+" was "+old, resource)
			}
			resource.Set(value, "metadata", "labels", name)
		}
	}
	return nil
}
