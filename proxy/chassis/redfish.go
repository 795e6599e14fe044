package chassis

import (
	"encoding/json"
	"fmt"
	"net/http"
	"path"
	"strings"
	"time"
)

// Redfish is a chassis's Redfish service (DMTF DSP0266) over HTTP. Clients can change only subscriptions to events.
type Redfish struct {
	node   string
	access Access
	view   func() View
	board  *board
}

// NewRedfish makes the service of a node's chassis. It calls view for every request. Close ends it.
func NewRedfish(node string, access Access, view func() View) *Redfish {
	return &Redfish{node: node, access: access, view: view, board: newBoard()}
}

// Close ends every stream and delivery of events.
func (r *Redfish) Close() { r.board.close() }

// The roots of the tree.
const (
	root          = "/redfish/v1"
	eventRoot     = root + "/EventService"
	subscriptions = eventRoot + "/Subscriptions"
	streamPath    = eventRoot + "/SSE"
	sessionRoot   = root + "/SessionService" // the schema of the root requires it; login is disabled
)

// object is a JSON object with the keys of the Redfish schemas.
type object = map[string]any

func link(to string) object { return object{"@odata.id": to} }

// resource adds the properties that every resource has.
func resource(at, schema, id, name string, more object) object {
	more["@odata.id"], more["@odata.type"], more["Id"], more["Name"] = at, "#"+schema, id, name
	return more
}

func collection(at, kind, name string, members []string) object {
	links := make([]object, len(members))
	for i, m := range members {
		links[i] = link(m)
	}
	return object{
		"@odata.id": at, "@odata.type": "#" + kind + "Collection." + kind + "Collection", "Name": name,
		"Members@odata.count": len(members), "Members": links,
	}
}

func status(state string, health Health) object { return object{"State": state, "Health": health} }

func (r *Redfish) chassisPath() string { return root + "/Chassis/" + r.node }

// tree gives the resources of the service by path, without the event log and the subscriptions.
func (r *Redfish) tree() map[string]object {
	v := r.view()
	t := map[string]object{}
	at := r.chassisPath()
	t["/redfish"] = object{"v1": root + "/"}
	t[root] = resource(root+"/", "ServiceRoot.v1_16_0.ServiceRoot", "RootService", "Root Service", object{
		"RedfishVersion": "1.20.0", "Vendor": "spof", "Product": "spof chassis",
		"Chassis": link(root + "/Chassis"), "EventService": link(eventRoot), "SessionService": link(sessionRoot),
		"Links": object{"Sessions": link(sessionRoot + "/Sessions")},
	})
	t[sessionRoot] = resource(sessionRoot, "SessionService.v1_1_9.SessionService", "SessionService", "Session Service", object{
		"ServiceEnabled": false, "Status": object{"State": "Disabled"}, "Sessions": link(sessionRoot + "/Sessions"),
	})
	t[sessionRoot+"/Sessions"] = collection(sessionRoot+"/Sessions", "Session", "Session Collection", nil)
	t[root+"/Chassis"] = collection(root+"/Chassis", "Chassis", "Chassis Collection", []string{at})
	power := "Off"
	if v.On {
		power = "On"
	}
	state := status("Enabled", v.Health)
	state["HealthRollup"] = v.Health
	t[at] = resource(at, "Chassis.v1_25_0.Chassis", r.node, "Chassis of "+r.node, object{
		"ChassisType": "RackMount", "Manufacturer": "spof", "PowerState": power, "Status": state,
		"PowerSubsystem": link(at + "/PowerSubsystem"), "ThermalSubsystem": link(at + "/ThermalSubsystem"),
		"Sensors": link(at + "/Sensors"), "LogServices": link(at + "/LogServices"),
	})
	r.power(t, at+"/PowerSubsystem", v)
	r.thermal(t, at, v)
	return t
}

func (r *Redfish) power(t map[string]object, at string, v View) {
	var bays []string
	var group []object
	for _, s := range v.Supplies {
		bay := at + "/PowerSupplies/" + s.Name
		bays, group = append(bays, bay), append(group, link(bay))
		state, input := "Enabled", "Normal"
		if s.Failed || !s.Input {
			state = "UnavailableOffline"
		}
		if !s.Input {
			input = "LossOfInput"
		}
		more := object{"PowerSupplyType": "AC", "LineInputStatus": input, "HotPluggable": true, "Status": status(state, s.Health)}
		if s.Feed != "" {
			more["Location"] = object{"PartLocation": object{"ServiceLabel": s.Name + " on " + s.Feed, "LocationType": "Bay"}}
		}
		t[bay] = resource(bay, "PowerSupply.v1_6_0.PowerSupply", s.Name, s.Name, more)
	}
	t[at+"/PowerSupplies"] = collection(at+"/PowerSupplies", "PowerSupply", "Power Supply Collection", bays)
	redundancy := object{
		"RedundancyType": "NPlusM", "MinNeededInGroup": v.Needed, "MaxSupportedInGroup": len(bays),
		"RedundancyGroup": group, "Status": status("Enabled", v.Power),
	}
	t[at] = resource(at, "PowerSubsystem.v1_1_1.PowerSubsystem", "PowerSubsystem", "Power Subsystem", object{
		"Status": status("Enabled", v.Power), "PowerSupplies": link(at + "/PowerSupplies"), "PowerSupplyRedundancy": []object{redundancy},
	})
}

func (r *Redfish) thermal(t map[string]object, chassis string, v View) {
	at := chassis + "/ThermalSubsystem"
	var fans []string
	for i := range v.Fans {
		id := fmt.Sprintf("fan-%d", i+1)
		fan := at + "/Fans/" + id
		fans = append(fans, fan)
		speed, health := 100, OK
		if v.FansDown {
			speed, health = 0, Critical
		}
		t[fan] = resource(fan, "Fan.v1_5_1.Fan", id, id, object{
			"Status": status("Enabled", health), "PhysicalContext": "Chassis", "SpeedPercent": object{"Reading": speed},
		})
	}
	t[at+"/Fans"] = collection(at+"/Fans", "Fan", "Fan Collection", fans)
	var sensors []string
	readings := []object{}
	for _, s := range v.Sensors {
		sensor := chassis + "/Sensors/" + s.Name
		sensors = append(sensors, sensor)
		readings = append(readings, object{"Reading": s.Reading, "DeviceName": s.Name, "DataSourceUri": sensor})
		t[sensor] = resource(sensor, "Sensor.v1_7_0.Sensor", s.Name, s.Name, object{
			"ReadingType": "Temperature", "ReadingUnits": "Cel", "Reading": s.Reading, "PhysicalContext": "Intake",
			"Status": status("Enabled", s.Health),
			"Thresholds": object{
				"UpperCaution":  object{"Reading": s.Warning, "Activation": "Increasing"},
				"UpperCritical": object{"Reading": s.Critical, "Activation": "Increasing"},
				"UpperFatal":    object{"Reading": s.Shutdown, "Activation": "Increasing"},
			},
		})
	}
	t[chassis+"/Sensors"] = collection(chassis+"/Sensors", "Sensor", "Sensor Collection", sensors)
	t[at+"/ThermalMetrics"] = resource(at+"/ThermalMetrics", "ThermalMetrics.v1_3_1.ThermalMetrics", "ThermalMetrics", "Thermal Metrics",
		object{"TemperatureReadingsCelsius": readings, "TemperatureReadingsCelsius@odata.count": len(readings)})
	t[at] = resource(at, "ThermalSubsystem.v1_3_1.ThermalSubsystem", "ThermalSubsystem", "Thermal Subsystem", object{
		"Status": status("Enabled", v.Thermal), "Fans": link(at + "/Fans"), "ThermalMetrics": link(at + "/ThermalMetrics"),
		"FanRedundancy": []object{},
	})
}

// ServeHTTP answers one request.
func (r *Redfish) ServeHTTP(w http.ResponseWriter, q *http.Request) {
	w.Header().Set("OData-Version", "4.0")
	at := strings.TrimSuffix(path.Clean(q.URL.Path), "/")
	switch {
	case (at == streamPath || !reads(q)) && !r.access.authorized(q):
		w.Header().Set("WWW-Authenticate", `Basic realm="spof"`)
		problem(w, http.StatusUnauthorized, "NoValidSession", "want HTTP Basic authentication with the lab's token as password; any user name")
	case at == streamPath && q.Method == http.MethodGet:
		r.board.stream(w, q)
	case at == subscriptions && q.Method == http.MethodPost:
		r.board.subscribe(w, q, r.access)
	case path.Dir(at) == subscriptions && q.Method == http.MethodDelete:
		r.board.unsubscribe(w, at)
	case !reads(q):
		w.Header().Set("Allow", "GET, HEAD")
		problem(w, http.StatusMethodNotAllowed, "GeneralError", "method "+q.Method+" is not allowed here; allowed: GET, HEAD")
	default:
		found, ok := r.tree()[at]
		if !ok {
			found, ok = r.board.tree(r.chassisPath() + "/LogServices")[at]
		}
		if !ok {
			problem(w, http.StatusNotFound, "ResourceNotFound", "no resource at "+at)
			return
		}
		answer(w, http.StatusOK, found)
	}
}

// reads reports whether a request changes nothing.
func reads(q *http.Request) bool { return q.Method == http.MethodGet || q.Method == http.MethodHead }

func answer(w http.ResponseWriter, code int, body object) {
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.WriteHeader(code)
	_ = json.NewEncoder(w).Encode(body)
}

// problem answers with an error in Redfish's form (DSP0266, error responses).
func problem(w http.ResponseWriter, code int, id, text string) {
	answer(w, code, object{"error": object{"code": "Base.1.18." + id, "message": text}})
}

// Tell logs changes and sends them to all listeners. now is the wall clock.
func (r *Redfish) Tell(changes []Change, now time.Time) {
	for _, c := range changes {
		r.board.post(record{
			At: now, Health: c.Health, Text: strings.TrimSpace(c.Part + " " + c.Name + ": " + c.Text), Origin: r.origin(c),
		})
	}
}

// origin gives the path of the changed resource.
func (r *Redfish) origin(c Change) string {
	at := r.chassisPath()
	switch c.Part {
	case PartSupply:
		return at + "/PowerSubsystem/PowerSupplies/" + c.Name
	case PartSensor:
		return at + "/Sensors/" + c.Name
	case PartFans:
		return at + "/ThermalSubsystem/Fans"
	}
	return at
}
