using System.Globalization;

namespace NexusGen.Server.Loras;

/// <summary>A LoRA of a request.</summary>
/// <param name="Name">Its name, see <see cref="LoraFolder"/>.</param>
/// <param name="Strength">The factor of its change; 1 as it was trained.</param>
internal sealed record NamedLora(string Name, double Strength)
{
    /// <summary>Writes the LoRA as requests and the parameters of saved images do: <c>name=0.8</c>.</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Name}={Strength}");
}
