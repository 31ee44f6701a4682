namespace NexusGen.Lora;

/// <summary>The form in which a LoRA is written.</summary>
internal enum LoraForm
{
    /// <summary>The folder of a PEFT adapter: <c>adapter_config.json</c> and <c>adapter_model.safetensors</c>.</summary>
    Peft,

    /// <summary>DiffSynth-Studio's names, as the decoders' official weights have them.</summary>
    Diffsynth,

    /// <summary>diffusers' names; fused projections are split.</summary>
    Diffusers,

    /// <summary>kohya's names, which most other tools read.</summary>
    Kohya,
}
