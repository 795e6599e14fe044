package mef_test

import (
	"fmt"

	"github.com/seed-ab8b6914/spof/reliability/faulttree"
	"github.com/seed-ab8b6914/spof/reliability/mef"
)

func ExampleRead() {
	t, err := mef.Read("pair.xml", []byte(`<opsa-mef><define-fault-tree name="pair">
<define-gate name="top"><and><basic-event name="a"/><basic-event name="b"/></and></define-gate>
<define-basic-event name="a"><float value="0.1"/></define-basic-event>
<define-basic-event name="b"><float value="2"/></define-basic-event>
</define-fault-tree></opsa-mef>`))
	fmt.Println(t.Top, err)
	// Output: top pair.xml:4:30: event "b": unavailability 2; want 0 to 1
}

func ExampleWrite() {
	data, err := mef.Write(faulttree.Tree{Name: "one", Top: "a", Events: []faulttree.Event{{Name: "a", Unavailability: 0.1, Frequency: 0.01}}})
	fmt.Printf("%s%v", data, err)
	// Output:
	// <?xml version="1.0" encoding="UTF-8"?>
	// <opsa-mef>
	//   <define-fault-tree name="one">
	//     <attributes>
	//       <attribute name="top" value="a"/>
	//     </attributes>
	//   </define-fault-tree>
	//   <model-data>
	//     <define-basic-event name="a">
	//       <attributes>
	//         <attribute name="frequency" value="0.01"/>
	//       </attributes>
	//       <float value="0.1"/>
	//     </define-basic-event>
	//   </model-data>
	// </opsa-mef>
	// <nil>
}
