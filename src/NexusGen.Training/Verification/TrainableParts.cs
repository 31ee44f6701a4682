using NexusGen.Model;
using NexusGen.Text;
using NexusGen.Weights.Modules;

namespace NexusGen.Training.Verification;

/// <summary>Loads separate copies of the components of a case's model, because their weights are changed by training.</summary>
/// <param name="files">The files of the model.</param>
/// <param name="options">The options for loading components.</param>
internal sealed class TrainableParts(ModelFiles files, LoadOptions options)
{
    public ModelFiles Files { get; } = files;

    /// <summary>Gets the token id that rows are padded with.</summary>
    public int Padding => Files.Tokenizer.TokenId(SpecialTokens.EndOfText);

    /// <summary>Loads a component. The caller owns it.</summary>
    public T Load<T>(Func<ModelFiles, ModelPart<T>> part)
        where T : Module => part(Files).Load(options with { MapFiles = false });
}
