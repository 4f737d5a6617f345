"""One extractor a file; `core.corpus.extractor.EXTRACTORS` names them. The only room with cv2 and its kin."""
