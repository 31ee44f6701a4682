namespace NexusGen.Requests;

/// <summary>What a task is busy with.</summary>
public enum ProgressPhase
{
    /// <summary>Waiting for memory that another task holds.</summary>
    Waiting,

    /// <summary>A part of the model is being loaded.</summary>
    Loading,

    /// <summary>Pictures and prompt are being read.</summary>
    Reading,

    /// <summary>The reply is being written; counted in tokens.</summary>
    Writing,

    /// <summary>A picture is being denoised; counted in steps.</summary>
    Denoising,

    /// <summary>Latents are being turned into pixels; counted in tiles.</summary>
    Decoding,
}
