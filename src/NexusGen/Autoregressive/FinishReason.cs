namespace NexusGen.Autoregressive;

/// <summary>Specifies why a reply ended.</summary>
public enum FinishReason
{
    /// <summary>The model generated an end token.</summary>
    EndOfReply,

    /// <summary>The reply reached the largest number of tokens.</summary>
    Length,

    /// <summary>A stop sequence of the caller appeared in the text.</summary>
    StopSequence,
}
