"""What goes in and out of the API, one file a noun; the models also make the OpenAPI document."""
