amid_fuzz(json LIBS amid_common)
amid_fuzz(http_request LIBS amid_http)
amid_fuzz(websocket LIBS amid_http)
amid_fuzz(webfix LIBS amid_webfix)
