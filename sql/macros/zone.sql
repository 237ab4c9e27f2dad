-- title: Zone of a region in words, as --roi-zone takes it: zone('left', 'upper-middle') is 'upper-middle left'
-- params: none
-- returns: text
CREATE OR REPLACE MACRO zone(zone_h, zone_v) AS zone_v || ' ' || zone_h
