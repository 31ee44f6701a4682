namespace NexusGen.Decoders;

/// <summary>The prefixes of the parts in the files of the decoders, for reading and writing them.</summary>
internal static class DecoderNames
{
    /// <summary>The adapter of the generation decoder.</summary>
    public const string Adapter = "adapter.";

    /// <summary>The merger of the editing decoder.</summary>
    public const string Merger = "embedding_merger.";

    /// <summary>The transformer of both.</summary>
    public const string Transformer = "pipe.dit.";
}
