"""What other health systems take: released numbers for DHIS2, and as FHIR MeasureReports."""
