namespace NexusGen.Requests;

/// <summary>Specifies the phase that a request is in.</summary>
public enum ProgressPhase
{
    /// <summary>A component of the model is being loaded.</summary>
    Loading,

    /// <summary>The images of the prompt are being encoded; counted in images.</summary>
    Reading,

    /// <summary>The reply is being generated; counted in tokens.</summary>
    Generating,

    /// <summary>An image is being denoised; counted in steps.</summary>
    Denoising,

    /// <summary>Latents are being decoded to pixels; counted in tiles.</summary>
    Decoding,
}
