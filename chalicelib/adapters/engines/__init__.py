"""Engines that judge texts (`ports.engines`): the trained one that ships, Amazon Comprehend, Amazon Bedrock."""
