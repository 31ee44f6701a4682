using NexusGen.Model;
using NexusGen.Text;
using NexusGen.Weights.Modules;

namespace NexusGen.Training.Verification;

/// <summary>Parts of a case's model in memory of their own, since they are trained.</summary>
/// <param name="files">The model.</param>
/// <param name="options">How parts are loaded.</param>
internal sealed class TrainedParts(ModelFiles files, LoadOptions options)
{
    public ModelFiles Files { get; } = files;

    /// <summary>The id that rows are filled up with.</summary>
    public int Padding => Files.Tokenizer.TokenId(SpecialTokens.EndOfText);

    /// <summary>A part; the caller's.</summary>
    public T Load<T>(Func<ModelFiles, ModelPart<T>> part)
        where T : Module => part(Files).Load(options with { MapFiles = false });
}
