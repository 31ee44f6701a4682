using System.Text.RegularExpressions;
using NexusGen.Core;

namespace NexusGen.Lora;

/// <summary>The name of a tensor in a LoRA file, split into its module and its role.</summary>
/// <param name="Module">The name of the module, as the file writes it.</param>
/// <param name="Role">The role of the tensor.</param>
internal readonly partial record struct LoraKey(string Module, LoraRole Role)
{
    // Methods that are not LoRA, by a part of their tensors' names.
    private static readonly (string Mark, string Method)[] Others =
    [
        ("lokr_", "LoKr, a Kronecker product"),
        ("hada_", "LoHa, a product of products"),
        ("lora_mid", "a decomposition with a core between its two halves"),
        ("lora_C", "a decomposition with a core between its two halves"),
        (".core", "a decomposition with a core between its two halves"),
        ("oft_", "OFT"),
        ("boft_", "BOFT"),
        ("ia3_", "IA³"),
        ("vera_", "VeRA"),
        ("glora", "GLoRA"),
        ("lora_embedding_", "a LoRA of an embedding table"),
    ];

    // Where the text encoders' parts are. Nexus-Gen gives the decoders image embeddings in place of the encoded text.
    private static readonly string[] TextEncoders =
        ["lora_te_", "lora_te1_", "lora_te2_", "lora_te3_", "text_encoder.", "text_encoder_2.", "text_encoders."];

    /// <summary>Whether a tensor belongs to a text encoder.</summary>
    /// <param name="name">The name of the tensor.</param>
    public static bool IsOfTextEncoder(string name) =>
        TextEncoders.Any(prefix => name.StartsWith(prefix, StringComparison.Ordinal));

    /// <summary>Splits a name.</summary>
    /// <param name="location">The file, for messages.</param>
    /// <param name="name">The name of the tensor.</param>
    /// <exception cref="NexusGenException">The tensor is not part of a LoRA.</exception>
    public static LoraKey Parse(string location, string name)
    {
        foreach ((string mark, string method) in Others)
        {
            if (name.Contains(mark, StringComparison.Ordinal))
            {
                throw new NexusGenException(
                    $"{location}: {name} belongs to {method}, which is not supported; only LoRA and DoRA are.");
            }
        }

        Match match = Pattern().Match(name);
        if (!match.Success)
        {
            throw new NexusGenException(
                $"{location}: {name} is not the name of a LoRA's tensor, such as ….lora_A.weight or ….lora_down.weight.");
        }

        LoraRole role = Enum.GetValues<LoraRole>().First(role => match.Groups[role.ToString()].Success);
        return new LoraKey(match.Groups["Module"].Value, role);
    }

    [GeneratedRegex(
        @"^(?<Module>.+?)\.(?:"
        + @"(?<Down>lora_A(?:\.[^.]+)?\.weight|lora_down\.weight|lora\.down\.weight|down\.weight)|"
        + @"(?<Up>lora_B(?:\.[^.]+)?\.weight|lora_up\.weight|lora\.up\.weight|up\.weight)|"
        + @"(?<UpBias>lora_B(?:\.[^.]+)?\.bias|lora_up\.bias)|"
        + @"(?<Alpha>alpha)|"
        + @"(?<ColumnMagnitude>dora_scale)|"
        + @"(?<RowMagnitude>lora_magnitude_vector(?:\.[^.]+)?(?:\.weight)?)|"
        + @"(?<Difference>diff)|(?<BiasDifference>diff_b)|"
        + @"(?<Weight>weight|scale)|(?<Bias>bias))$",
        RegexOptions.CultureInvariant)]
    private static partial Regex Pattern();
}
