using NexusGen.Requests;

namespace NexusGen.Server.Loras;

/// <summary>The LoRAs that a request is computed with.</summary>
/// <param name="Named">Their names and strengths.</param>
/// <param name="Reply">Those of the language model and the vision encoder.</param>
/// <param name="Images">Those of the decoders.</param>
internal sealed record LoraSelection(
    IReadOnlyList<NamedLora> Named, IReadOnlyList<LoraSettings> Reply, IReadOnlyList<LoraSettings> Images)
{
    /// <summary>Gets the selection of a request without LoRAs.</summary>
    public static LoraSelection None { get; } = new([], [], []);

    /// <summary>Returns the settings of a turn with the LoRAs.</summary>
    public ChatInput Apply(ChatInput input) => input with
    {
        Reply = input.Reply with { Loras = Reply },
        Settings = input.Settings with { Loras = Images },
    };
}
